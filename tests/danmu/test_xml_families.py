"""XML in other shapes than the site's own: of recorders, caches, converters and other sites."""

from pathlib import Path
from typing import Any

import pytest

from pipeline.danmu.readers.element import outside_tags, split_elements
from pipeline.danmu.readers.place import Place
from tests.danmu.samples import parsed, written

D = '<d p="{},1,25,16777215,1577836800,0,1a2b3c4d,{}"{}>{}</d>'
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<i>'
START = "2023-05-05T12:26:38.7198189+08:00"
ROOM = f'<BililiveRecorderRecordInfo roomid="10001" shortid="0" start_time="{START}" />'
METADATA = f"<metadata><room_id>10001</room_id><record_start_time>{START}</record_start_time></metadata>"
USER = ' user="u"'
STYLE = (
    '<RecorderXmlStyle><z:stylesheet version="1.0"><html><meta name="a"/>'
    '<title>弹幕 - <z:value-of select="/i"/></title>'
    "<style>body{margin:0}</style><h1>文件</h1></html></z:stylesheet></RecorderXmlStyle>"
)
LIVE = "live10001-20230505T042638Z"


def d(onset: float, text: str, row_id: int = 0, more: str = "") -> str:
    return D.format(onset, row_id, more, text)


def read(folder: Path, content: str, name: str = "a.xml") -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    comments, rejected, _ = parsed(written(folder, content, name))
    return comments.sort("onset_s").to_dicts(), rejected.to_dicts()


@pytest.mark.parametrize("more", ["", ' user="u1"'])
def test_an_element_within_a_remark_is_no_comment(tmp_path: Path, more: str) -> None:
    content = (
        f"{HEAD}<chatid>7</chatid><!-- a -->{d(1, '一', 26600000000000001, more)}<!-- b --> <!--\n{d(2, '二', 3)}\n-->"
        f"{d(3, '三<!-- 不是', 26600000000000003, more)}\n<!-- {d(4, '四', 5)}{d(5, '五', 7, more)} -->坏\n</i>"
    )
    comments, rejected = read(tmp_path, content)
    assert [comment["text"] for comment in comments] == ["一", "三<!-- 不是"]
    assert [(record["line"], record["reason"]) for record in rejected] == [(4, "no <d> element")]


def test_a_remark_that_never_ends_hides_nothing(tmp_path: Path) -> None:
    comments, _ = read(
        tmp_path, f"{HEAD}<!-- a {d(1, '一', 26600000000000001)}<!-- {d(2, '二', 26600000000000003)}</i>"
    )
    assert [comment["text"] for comment in comments] == ["一", "二"]


@pytest.mark.parametrize("end", ["/>", " />", "></d>", ' user="u" />'])
def test_an_element_that_ends_at_once_has_an_empty_text(tmp_path: Path, end: str) -> None:
    comments, rejected = read(
        tmp_path, f"{HEAD}{d(1, '', 26600000000000001)[:-5]}{end}{d(2, '二', 26600000000000003)}</i>"
    )
    assert [comment["text"] for comment in comments] == ["", "二"] and rejected == []


@pytest.mark.parametrize("info", [ROOM, METADATA])
def test_a_recorders_file_names_its_recording(tmp_path: Path, info: str) -> None:
    content = (
        f"{HEAD}<chatid>0</chatid>{info}{STYLE}\n<sc ts='0.5' user='甲' uid='9'>&lt;早&gt;</sc>"
        f"{d(1, '一', 0, USER)}\n"
        '<gift ts="2" giftname="x" giftcount="3" raw="{&quot;a&quot;:1}" /><guard ts="3" level="3" />'
        f'<sc ts="4" user="乙" uid="8" price="30">醒目</sc>\n{d(5, "二", 0)}</i>'
    )
    comments, rejected = read(tmp_path, content)
    assert [(one["text"], one["kind"], one["video_id"], one["chat_id"]) for one in comments] == [
        ("<早>", "super_chat", LIVE, None),
        ("一", None, LIVE, None),
        ("醒目", "super_chat", LIVE, None),
        ("二", None, LIVE, None),
    ]
    assert [one["sender"] for one in comments] == ["9", "1a2b3c4d", "8", "1a2b3c4d"] and rejected == []


@pytest.mark.parametrize("pool", ["0", "-1", "NULL"])
def test_a_recording_that_names_no_room_is_its_file(tmp_path: Path, pool: str) -> None:
    for name in ("a.xml", "b.xml"):
        written(tmp_path, f"{HEAD}<chatid>{pool}</chatid>{d(1, name)}</i>", name)
    comments, _, _ = parsed(tmp_path)
    assert set(comments.select("text", "video_id", "chat_id").rows()) == {
        ("a.xml", "a.xml", None),
        ("b.xml", "b.xml", None),
    }


def test_documents_in_one_file_have_their_own_places(tmp_path: Path) -> None:
    content = "".join(
        f"{HEAD}{head}{d(onset, str(onset), 0, more)}</i>\n"
        for onset, head, more in [
            (1, "<chatid>7</chatid>", ""),
            (2, f"<chatid>0</chatid>{ROOM}", ' user="u"'),
            (3, "<chatid>0</chatid>", ""),
            (4, "<oid>8</oid>", ""),
        ]
    )
    comments, _ = read(tmp_path, content)
    assert [(one["chat_id"], one["video_id"]) for one in comments] == [
        ("7", "cid7"),
        (None, LIVE),
        (None, "a.xml"),
        ("8", "cid8"),
    ]


def test_a_unix_time_is_counted_from_the_start_of_the_recording(tmp_path: Path) -> None:
    info = "<metadata><room_id>5</room_id><video_start_time>1577836800000</video_start_time></metadata>"
    content = (
        f"{HEAD}{info}{d(1577836812.5, '一')}<sc uid='1' timestamp='1577836820000'>二</sc>"
        "<sc uid='1' ts='1577836830'>三</sc></i>"
    )
    comments, _ = read(tmp_path, content)
    assert [(one["text"], one["onset_s"]) for one in comments] == [("一", 12.5), ("二", 20.0), ("三", 30.0)]


def test_a_start_without_a_zone_is_beijings() -> None:
    start = (
        Place()
        .after("<metadata><room_id>5</room_id><record_start_time>2023-05-05 12:26:38</record_start_time></metadata>")
        .start
    )
    assert start is not None and start.isoformat() == "2023-05-05T04:26:38+00:00"


def test_text_between_the_tags_of_an_element_is_none_of_ours() -> None:
    assert outside_tags("a<x>b<y>c</x>d</y>e<br/>f<z>g</i>h") == "adefgh"
    assert outside_tags("<i>坏</i>") == "坏"


CHATS = """<?xml version="1.0" encoding="UTF-8"?>
<packet><thread resultcode="0" thread="1300000001" last_res="3"/><view_counter video="1"/>
<chat thread="1300000001" no="1" vpos="1250" date="1300000100" mail="184 ue red big" user_id="abc">最初&lt;</chat>
<chat thread="1300000001" no="2" vpos="-50" date="1300000200" date_usec="250000" user_id="def">前</chat>
<chat thread="1300000001" no="3" vpos="9" date="1300000300" deleted="1"/>
<!-- <chat vpos="1">隐</chat> -->坏
<chat thread="1300000001" no="4" vpos="77" date="1300000300" user_id="x">切れた
<chat thread="1300000001" no="5" vpos="80" date="1300000400" mail="shita #00ff00" user_id="ghi">最後</chat>
</packet>"""


def test_niconicos_chats_have_hundredths_and_commands(tmp_path: Path) -> None:
    comments, rejected = read(tmp_path, CHATS)
    assert [(one["text"], one["onset_s"], one["mode"], one["font_size"], one["color"]) for one in comments] == [
        ("前", -0.5, 1, 25, 0xFFFFFF),
        ("最後", 0.8, 4, 25, 0x00FF00),
        ("最初<", 12.5, 5, 36, 0xFF0000),
    ]
    assert {one["site"] for one in comments} == {"niconico"}
    assert {(one["line"], one["reason"]) for one in rejected} == {
        (5, "a deleted comment, which has no text"),
        (5, "no <chat> element"),
        (7, "unclosed <chat> element"),
    }


def test_dandanplays_old_comments(tmp_path: Path) -> None:
    content = (
        "<Comments>"
        '<Comment Time="191.38" Mode="1" Color="16777215" Timestamp="1415593473" UId="-1" CId="1">一</Comment>\n'
        '<Comment Time="450" Mode="5" Color="x" Timestamp="0" Pool="0" UId="7" CId="1">二</Comment></Comments>'
    )
    comments, rejected = read(tmp_path, content)
    names = ("text", "site", "onset_s", "mode", "color", "sender")
    assert [tuple(one[name] for name in names) for one in comments] == [
        ("一", "dandanplay", 191.38, 1, 16777215, None),
        ("二", "dandanplay", 450.0, 5, None, "7"),
    ]
    assert comments[1]["sent_at"] is None and rejected == []


def test_halves_of_an_emoji_become_one_and_a_single_half_does_not() -> None:
    spelled = "&#55357;&#56832;|&#xD83D;&#xde00;|&#55357;|&#56832;&#55357;|&#55357;&#65;"
    ((*_, text),) = split_elements(d(1, spelled))  # type: ignore[misc]
    assert text == "😀|😀|\ufffd|\ufffd\ufffd|\ufffdA"
