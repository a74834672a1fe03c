"""Where a table's rows begin, and which fields its columns are, in the ways of exporters and crawlers."""

from pathlib import Path

import pytest

from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import Comment, Rejected
from pipeline.danmu.tables.csv_table import CSV

HEADER, ROWS = (
    "弹幕ID,出现时间,弹幕内容,发送时间",
    ["26600000000000001,12.5,好,2020/1/1 8:00", "26600000000000003,13,行,2020/1/1 8:01"],
)
NINE = "12.5,1,25,16777215,1577836800,0,1a2b3c4d,26600000000000001"


def read(folder: Path, content: str) -> list[Comment]:
    """The comments of a file that is recognised and of which nothing is rejected."""
    path = folder / "table.csv"
    path.write_bytes(content.encode())
    assert CSV.recognises(Source(path, path.name).beginning())
    records = list(CSV.read(Source(path, path.name)))
    assert not [record for record in records if isinstance(record, Rejected)]
    return records  # type: ignore[return-value]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
@pytest.mark.parametrize(
    "above",
    ["", "sep=,\n", "\ufeffsep=,\n", '"sep=,"\n', "弹幕导出表,,,\n", "\n弹幕导出表\n导出时间,2020-01-01\n\n", ",,,\n"],
)
def test_the_header_is_found_below_what_stands_above_it(tmp_path: Path, above: str, end: str) -> None:
    content = above + "\n".join([HEADER, *ROWS, ""])
    comments = read(tmp_path, content.replace("\n", end))
    assert [(comment.row_id, comment.onset_s, comment.text) for comment in comments] == [
        (26600000000000001, 12.5, "好"),
        (26600000000000003, 13.0, "行"),
    ]


def test_a_named_delimiter_is_the_one(tmp_path: Path) -> None:
    assert read(tmp_path, "sep=;\nid;text;a,b,c,d\n7;好,吧;1\n")[0].text == "好,吧"


def test_a_return_within_a_text_ends_no_line(tmp_path: Path) -> None:
    (comment,) = read(tmp_path, 'id,text\r7,"两\n行"\r')
    assert comment.text == "两\n行"


@pytest.mark.parametrize(
    ("line", "weight", "text"),
    [
        (f"{NINE},好", None, "好"),
        (f'{NINE},"好, 真的"', None, "好, 真的"),
        (f"{NINE},好, 真的", None, "好, 真的"),
        (f"{NINE},10,好", 10, "好"),
        (f"{NINE},好".replace(",", "\t"), None, "好"),
        (f"{NINE},好".replace(",", ";"), None, "好"),
        (f"0,{NINE},好", None, "好"),  # an index
        (f"BV1xx411c7mD,{NINE},好", None, "好"),
        (f"{NINE},好".replace("1577836800", "2020-01-01 08:00:00").replace("16777215", "ffffff"), None, "好"),
        (f"0,1,2,3,4,5,6,7,8\n{NINE},好", None, "好"),  # names that a program gave
    ],
)
def test_the_fields_of_a_danmu_need_no_header(tmp_path: Path, line: str, weight: int | None, text: str) -> None:
    (comment,) = read(tmp_path, f"{line}\n")
    assert (comment.onset_s, comment.mode, comment.font_size, comment.color) == (12.5, 1, 25, 16777215)
    assert (comment.pool, comment.sender, comment.row_id) == (0, "1a2b3c4d", 26600000000000001)
    assert comment.sent_at is not None and comment.sent_at.timestamp() == 1577836800
    assert (comment.weight, comment.text) == (weight, text)


@pytest.mark.parametrize(
    "content",
    ["一句话\n两句话,三句话\n", "1,2,3,4,5,6,7,8,9\n", "a,b\nc,d\n", "[Script Info]\nid,text\n", "<i>\nid,text\n"],
)
def test_other_lines_are_no_table(content: str) -> None:
    assert not CSV.recognises(content.encode())


HASH = "1a2b3c4d"


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        ("弹幕时间,弹幕格式,弹幕字体,弹幕颜色,弹幕时间戳,弹幕池,用户ID,rowID,弹幕信息",
         f"12.5,1,25,255,1577836800,0,{HASH},7,好", {}),
        ("danmu_time,danmu_mode,danmu_size,danmu_color,danmu_timestamp,danmu_pool,danmu_user_id,danmu_id,danmu_text",
         f"12.5,1,25,255,1577836800,0,{HASH},7,好", {}),
        ("DM_time,DM_mode,DM_font,DM_color,DM_date,DM_pool,DM_userID,DM_id,DM_text",
         f"12.5,1,25,255,1577836800,0,{HASH},7,好", {}),
        ("Time in Video (seconds),Danmaku Type,Font Size,Color,Post Time,Pool,User Hash,Danmaku ID,Danmaku Content",
         f"12.5,1,25,255,2020-01-01 08:00:00,0,{HASH},7,好", {}),
        ("video_time_ms,mode,fontsize,color,send_time,pool,crc32_id,id,barrage",
         f"12500,1,25,255,1577836800,0,{HASH},7,好", {}),
        ("弹幕出现时间（毫秒）,弹幕类型,字号,颜色,发送时间戳,弹幕池,用户hash,弹幕dmid,弹幕",
         f"12500,滚动弹幕,标准,蓝色,1577836800,普通池,{HASH},7,好", {}),
        ("time,type,size,color,timestamp,pool,hash,dmid,text,视频链接",
         f"00:12.5,scroll,25px,#0000FF,1577836800,0,{HASH},7,好,https://www.bilibili.com/video/BV1xx411c7mD?p=2",
         {"video_id": "BV1xx411c7mD"}),
        ("video_time,dm_type,font_size,color,real_time,pool,user_hash,danmaku_id,content,弹幕地址",
         f"0分12.5秒,1,25.0,255.0,2020-01-01 08:00:00,0,{HASH},7,好,https://api.bilibili.com/x/v1/dm/list.so?oid=6001&aid=170001",
         {"chat_id": "6001", "video_id": "170001"}),
    ],
)  # fmt: skip
def test_columns_by_the_names_of_exporters_and_crawlers(
    tmp_path: Path, header: str, row: str, expected: dict[str, str]
) -> None:
    (comment,) = read(tmp_path, f"{header}\n{row}\n")
    assert (comment.onset_s, comment.mode, comment.font_size, comment.color) == (12.5, 1, 25, 255)
    assert comment.sent_at is not None and comment.sent_at.timestamp() == 1577836800
    assert (comment.pool, comment.sender, comment.row_id, comment.text) == (0, HASH, 7, "好")
    assert {name: getattr(comment, name) for name in expected} == expected
    assert comment.blanked == ()


@pytest.mark.parametrize(
    ("spelled", "mode"),
    [
        ("滚动", 1),
        ("顶部弹幕", 5),
        ("底端", 4),
        ("逆向", 6),
        ("高级弹幕", 7),
        ("top", 5),
        ("DmMode.BOTTOM", 4),
        ("1(滚动)", 1),
        ("滚动弹幕(1)", 1),
        ("right to left", 1),
        ("5-顶部", 5),
        ("代码", 8),
        ("5", 5),
        ("5.0", 5),
    ],
)
def test_a_mode_may_be_a_word(tmp_path: Path, spelled: str, mode: int) -> None:
    assert read(tmp_path, f"出现时间,弹幕内容,弹幕类型\n1,好,{spelled}\n")[0].mode == mode


@pytest.mark.parametrize("nobody", ["NULL", "None", "null", "-1", "nan", "[bilibili]", "[tencent]"])
def test_what_stands_for_nobody_is_no_sender(tmp_path: Path, nobody: str) -> None:
    comment, other = read(tmp_path, f"onset,mode,content,midHash,cid,ctime\n-3.5,1,好,{nobody},0,0\n1,1,行,[a]b,7,\n")
    assert (comment.sender, comment.chat_id, comment.sent_at, comment.onset_s) == (None, None, None, -3.5)
    assert (other.sender, other.chat_id, other.blanked, comment.blanked) == ("[a]b", "7", (), ())


def test_decoration_that_cannot_be_read_does_not_cost_the_sentence(tmp_path: Path) -> None:
    header = "onset,mode,fontsize,color,ctime,pool,midHash,idStr,weight,content"
    (comment,) = read(tmp_path, f"{header}\n?,斜,huge-ish,-7,1970-01-02,x,a,y,heavy,一句\n")
    assert comment.text == "一句"
    assert (comment.onset_s, comment.mode, comment.font_size, comment.color, comment.sent_at) == (None,) * 5
    assert sorted(comment.blanked) == ["colour", "mode", "onset", "pool", "row id", "size", "time", "weight"]


def test_a_time_in_a_video_beside_one_of_sending_tells_danmu(tmp_path: Path) -> None:
    (comment,) = read(tmp_path, "video_time;send_time;content\n12,5;2020-01-01 08:00:00;好\n")
    assert comment.sent_at is not None
    assert (comment.onset_s, comment.sent_at.timestamp(), comment.site) == (12.5, 1577836800, "bilibili")


def test_the_address_of_a_pool_is_no_video(tmp_path: Path) -> None:
    (comment,) = read(tmp_path, "url,danmaku,time\nhttps://api.bilibili.com/x/v1/dm/list.so?oid=60001,好,12.5\n")
    assert (comment.video_id, comment.chat_id) == (None, "60001")
