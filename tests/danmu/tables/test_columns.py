from datetime import UTC, datetime

import pytest

from pipeline.danmu.readers.fields import BadField
from pipeline.danmu.record import Comment
from pipeline.danmu.tables.columns import columns_of
from pipeline.danmu.tables.rows import row_reader
from pipeline.danmu.tables.values import instant, seconds

SENT = datetime(2019, 12, 22, 7, 33, 20, tzinfo=UTC)


def fields(header: str) -> dict[str, str]:
    """The fields that a header names, with the names that gave them."""
    names = header.split(",")
    return {field: names[index] for field, index in columns_of(names).at.items()}


def one(**values: str | None) -> Comment:
    """The comment of a row with these columns."""
    return row_reader(columns_of(list(values)))(list(values.values()))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (  # protobuf's JSON as CSV
            "id,progress,mode,fontsize,color,midHash,content,ctime,weight,idStr,pool,oid,attr",
            {"onset_s": "progress", "font_size": "fontsize", "sender": "midHash", "text": "content", "sent_at": "ctime"}
            | {"row_id": "idStr", "id": "id", "chat_id": "oid"}
            | {name: name for name in ("mode", "color", "weight", "pool")},
        ),
        (
            "stime,mode,size,color,date,pool,author,dbid,text",
            {"onset_s": "stime", "font_size": "size", "sent_at": "date", "sender": "author"}
            | {name: name for name in ("mode", "color", "pool", "text")},
        ),
        (
            "time,type,size,colour,timestamp,pool_type,uhash,rowid,message,cid,bvid",
            {"onset_s": "time", "mode": "type", "font_size": "size", "color": "colour", "sent_at": "timestamp"}
            | {"pool": "pool_type", "sender": "uhash", "row_id": "rowid", "text": "message"}
            | {"chat_id": "cid", "video_id": "bvid"},
        ),
        (
            "弹幕内容,出现时间,模式,字号,颜色,发送时间,弹幕池,用户ID,弹幕ID,视频ID",
            {"text": "弹幕内容", "onset_s": "出现时间", "mode": "模式", "font_size": "字号", "color": "颜色"}
            | {"sent_at": "发送时间", "pool": "弹幕池", "sender": "用户ID", "row_id": "弹幕ID", "video_id": "视频ID"},
        ),
        (
            "弹幕,时间,类型,字体大小,颜色",
            {"text": "弹幕", "either": "时间", "mode": "类型", "font_size": "字体大小", "color": "颜色"},
        ),
        (
            "comment_id,video_id,chat_id,onset_s,font_size,color,sent_at,sender,row_id,weight,text,mode,pool,first_seen",
            {name: name for name in ("comment_id", "video_id", "chat_id", "onset_s", "font_size", "color", "sent_at")}
            | {name: name for name in ("sender", "row_id", "weight", "text", "mode", "pool")},
        ),
        ("P,M,cid", {"p": "P", "text": "M", "chat_id": "cid"}),
        (
            ' "Font-Size" ,MODE,\ufeffAppear Time,Text',
            {"font_size": ' "Font-Size" ', "mode": "MODE"} | {"onset_s": "\ufeffAppear Time", "text": "Text"},
        ),
    ],
)
def test_exporters_names_are_known(header: str, expected: dict[str, str]) -> None:
    assert fields(header) == expected


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("id,text", "comment_id"),
        ("id,text,mode", "comment_id"),  # no onset
        ("id,text,progress", "comment_id"),  # nothing but an onset
        ("id,text,progress,mode", "id"),  # danmu: the row's id
        ("id,text,time,midHash", "id"),
        ("id,text,onset_s,mode,color", "comment_id"),  # beside our own name for it, ours too
        ("id,idStr,text", "id"),  # the copy of a row id
    ],
)
def test_a_plain_id_is_the_rows_in_a_table_of_danmu_and_else_the_corpuss(header: str, field: str) -> None:
    assert fields(header)[field] == "id"


def test_of_several_columns_for_a_field_the_first_in_the_lists_order_counts() -> None:
    assert fields("content,text,oid,cid,user,midHash") == {"text": "text", "chat_id": "cid", "sender": "midHash"}
    assert "id" not in fields("id,dmid,text,progress,mode").values()  # an index beside the danmu's id
    assert columns_of(["text", "id", "text"]).at["text"] == 0


def test_the_exact_copy_of_a_row_id_comes_before_the_number() -> None:
    both = one(id="26140000000000000.0", idStr="26140000000000001", progress="1", mode="1", content="好")
    assert (both.row_id, both.row_id_damaged, both.comment_id) == (26140000000000001, False, None)
    blank = one(id="26140000000000001", idStr="", progress="1", mode="1", content="好")
    assert blank.row_id == 26140000000000001


@pytest.mark.parametrize("spelled", ["5.43E+16", "123.0", "2.6e16"])
def test_a_row_id_that_went_through_a_float_is_none_and_says_so(spelled: str) -> None:
    comment = one(id=spelled, progress="1", mode="1", content="好")
    assert (comment.row_id, comment.row_id_damaged) == (None, True)


@pytest.mark.parametrize("spelled", ["'26140000000000001", '="26140000000000001"', "26140000000000001\t"])
def test_what_guards_a_row_id_from_a_spreadsheet_goes(spelled: str) -> None:
    assert one(row_id=spelled, text="好").row_id == 26140000000000001


def test_an_id_of_danmu_that_is_no_number_is_the_corpuss_own() -> None:
    assert one(id="5a1b", time="1", mode="1", text="好").comment_id == "5a1b"


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        (["text"], "no id"),
        (["id"], "no text"),
        (["text", "label"], "no id"),
        (["text", "onset"], None),
        (["text", "id"], None),
        (["m", "id"], "no text"),  # m is a text beside p or c alone
        ([], "no text"),
    ],
)
def test_a_table_needs_a_text_and_an_id_or_a_field(header: list[str], fault: str | None) -> None:
    assert columns_of(header).fault == fault


def test_a_corpus_may_use_our_words_for_other_things() -> None:
    shop = one(id="7", text="好", color="navy", size="XL", type="coat", weight="0.3", date="yesterday")
    assert shop == Comment("好", comment_id="7")
    assert one(id="7", text="好", mode="coat").blanked == ("mode",)  # our own name
    danmu = one(progress="1", text="好", color="navy-ish")
    assert (danmu.color, danmu.blanked) == (None, ("colour",))


@pytest.mark.parametrize(
    ("value", "onset_s", "sent_at"),
    [
        ("12.5", 12.5, None),
        ("01:02", 62.0, None),
        ("1577000000", None, SENT),
        ("1577000000000", None, SENT),
        ("2019-12-22 07:33:20", None, SENT),
        ("", None, None),
    ],
)
def test_a_time_alone_is_the_videos_or_the_worlds_by_its_value(
    value: str, onset_s: float | None, sent_at: datetime | None
) -> None:
    comment = one(id="7", text="好", time=value)
    assert (comment.onset_s, comment.sent_at) == (onset_s, sent_at)


def test_beside_an_onset_a_time_is_that_of_sending() -> None:
    comment = one(progress="12500", mode="1", text="好", time="1577000000")
    assert (comment.onset_s, comment.sent_at) == (12.5, SENT)


@pytest.mark.parametrize(
    ("name", "value", "onset_s"),
    [
        ("progress", "12500", 12.5),
        ("progress", "500", 0.5),  # milliseconds, however few
        ("出现时间(毫秒)", "500", 0.5),
        ("time_ms", "500", 0.5),
        ("stime", "500", 500.0),
        ("stime", "12.3456", 12.346),
        ("stime", "1000001", 1000.001),
        ("stime", "01:02", 62.0),
        ("stime", "1:01:02.5", 3662.5),
        ("stime", "", 0.0),  # blank for zero, among danmu
        ("stime", "9.9999997473788E-6", 0.0),
    ],
)
def test_an_onset_is_seconds_milliseconds_or_a_clocks(name: str, value: str, onset_s: float) -> None:
    assert one(**{name: value}, mode="1", text="好").onset_s == onset_s


@pytest.mark.parametrize("value", ["1:99", "--1", "abc", "1:2:3:4"])
def test_an_onset_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(BadField, match="onset"):
        seconds(value)


@pytest.mark.parametrize(
    "spelled",
    [
        "1577000000", "1577000000000", "1577000000.0", " 1577000000 ", "2019-12-22T15:33:20+08:00",
        "2019-12-22 07:33:20", "2019-12-22T07:33:20Z", "2019/12/22 7:33:20", "2019年12月22日 07:33:20",
        "2019-12-22 07:33:20 UTC", "2019-12-22 07:33:20.000",
    ],
)  # fmt: skip
def test_a_time_without_a_zone_is_utc(spelled: str) -> None:
    assert instant(spelled) == SENT


def test_a_time_keeps_its_milliseconds_and_a_day_is_its_midnight() -> None:
    assert instant("2019-12-22 07:33:20.12345") == SENT.replace(microsecond=123000)
    assert instant("2019-12-22T15:33:20.123456+08:00") == SENT.replace(microsecond=123000)
    assert instant("2019/1/2") == datetime(2019, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("spelled", "color"),
    [
        ("#FFFFFF", 16777215),
        ("0xff", 255),
        ("#f0a", 0xFF00AA),
        ("16777215", 16777215),
        ("16777215.0", 16777215),
        ("4294967295", 4294967295),
        ("", None),
    ],
)
def test_a_colour_is_a_number_or_hexadecimal(spelled: str, color: int | None) -> None:
    assert one(id="1", text="好", onset_s="1", color=spelled).color == color


@pytest.mark.parametrize("sender", ["00159abc", "5136", "2.89E+60", "D4f0", "DEADBEEF", "0"])
def test_a_sender_is_text_to_the_letter(sender: str) -> None:
    assert one(id="1", text="好", sender=sender).sender == sender


def test_a_float_columns_whole_numbers_are_whole() -> None:
    comment = one(progress="1", mode="5.0", fontsize="25.0", cid="550001.0", text="好")
    assert (comment.mode, comment.font_size, comment.chat_id) == (5, 25, "550001")


def test_joined_attributes_are_taken_apart() -> None:
    eight = one(p="12.5,1,25,255,1577000000,0,03e39659,26140000000000001", m="好", cid="55")
    nine = one(p="12.5,1,25,255,1577000000,0,03e39659,2.6E+16,10", m="好", cid="55")
    expected = Comment(
        "好", None, None, "55", None, 12.5, 1, 25, 255, SENT, 0, "03e39659", 26140000000000001, site="bilibili"
    )
    assert eight == expected
    expected.row_id, expected.row_id_damaged, expected.weight = None, True, 10
    assert nine == expected


def test_dandanplay_gives_four_attributes_and_the_comments_id_as_cid() -> None:
    comment = one(cid="77", p="12.5,1,255,[A]b1", m="好")
    assert comment == Comment("好", comment_id="77", onset_s=12.5, mode=1, color=255, sender="b1", site="a")


def test_acfun_gives_six_attributes_in_an_order_of_its_own() -> None:
    comment = one(c="12.5,255,1,25,u7,1577000000", m="好")
    assert comment == Comment("好", None, None, None, None, 12.5, 1, 25, 255, SENT, None, "u7", site="acfun")


@pytest.mark.parametrize(
    ("joined", "site", "sender", "row_id"),
    [
        ("12.5,1,25,255,[tencent]", "tencent", None, None),
        ("12.5,1,25,255,[BiliBili]03e39659", "bilibili", "03e39659", None),
        ("12.5,1,25,255,1577000000,03e39659,26140000000000001", "bilibili", "03e39659", 26140000000000001),
        ("12.5,1,25,255,1577000000,0,03e39659,26140000000000001,9,x", "bilibili", "03e39659", 26140000000000001),
    ],
)
def test_servers_join_other_numbers_of_attributes(
    joined: str, site: str, sender: str | None, row_id: int | None
) -> None:
    comment = one(p=joined, text="好")
    assert (comment.onset_s, comment.mode, comment.font_size, comment.color) == (12.5, 1, 25, 255)
    assert (comment.site, comment.sender, comment.row_id) == (site, sender, row_id)


@pytest.mark.parametrize("joined", ["", "x", "前方,高能"])
def test_another_number_of_attributes_is_refused(joined: str) -> None:
    with pytest.raises(BadField, match=r"attributes .* are none of a comment"):
        one(p=joined, text="好")


@pytest.mark.parametrize("name", ["timestamp_ms", "时间戳(毫秒)", "timestampMs"])
def test_milliseconds_are_so_under_either_times_name(name: str) -> None:
    assert one(**{name: "1500", "弹幕": "好"}).onset_s == 1.5
    assert one(**{name: "250000", "弹幕": "好"}).onset_s == 250.0


def test_a_sender_is_guarded_from_spreadsheets_like_an_id() -> None:
    said = [one(弹幕="好", 出现时间="1", 用户=value).sender for value in ('="1a2b3c4d"', "'1a2b3c4d", "1a2b3c4d")]
    assert said == ["1a2b3c4d"] * 3
