"""JSON as sites, players and converters write it: every family becomes comments of its own site."""

import json
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.danmu.readers.fields import BadField
from pipeline.danmu.readers.json_text import TOLERANT
from pipeline.danmu.record import Comment, Rejected
from pipeline.danmu.sites.site import Around
from pipeline.danmu.tables.attributes import of_attributes, words
from pipeline.danmu.tables.json_document import Document
from pipeline.danmu.tables.json_stream import JsonStream
from pipeline.danmu.tables.json_table import JSON_LINES
from pipeline.danmu.tables.json_table import comment as read_object
from tests.danmu.json_records import document, lines, records
from tests.danmu.samples import parsed

WILD = Path(__file__).resolve().parents[3] / "shared" / "data" / "wild"
SENT = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
UNIX = int(SENT.timestamp())


def one(value: Any) -> Comment:
    """The comment of a document that holds one, and rejects nothing."""
    [comment], rejected = document(value)
    assert rejected == []
    return comment


# Sites


def test_acfuns_interface() -> None:
    added = {"position": 64_250, "body": "好", "mode": 5, "size": 18, "color": 255, "createTime": UNIX * 1000 + 7,
             "userId": 42, "danmakuId": 900_001, "rank": 0}  # fmt: skip
    assert one({"onlineCount": 3, "added": [added]}) == Comment(
        "好", comment_id="900001", onset_s=64.25, mode=5, font_size=18, color=255,
        sent_at=SENT + timedelta(milliseconds=7), sender="42", site="acfun",
    )  # fmt: skip
    assert one({"danmakus": [added | {"position": -250}]}).onset_s == -0.25


def test_acfuns_player_files_are_acfuns() -> None:
    assert one([[{"c": f"1.5,255,1,25,u7,{UNIX}", "m": "好"}], [], []]).site == "acfun"


def legacy(**changes: Any) -> Any:
    chat = {"thread": "77", "no": 3, "vpos": 1234, "date": UNIX, "date_usec": 5000, "user_id": "u", "mail": "184",
            "content": "好"} | changes  # fmt: skip
    return [{"ping": {"content": "rs:0"}}, {"thread": {"thread": "77"}}, {"chat": chat}]


def test_niconicos_answers_of_before() -> None:
    [comment], rejected = document(legacy(mail="184 shita BIG #0000ff"))
    assert comment == Comment(
        "好", video_id="niconico77", onset_s=12.34, mode=4, font_size=36, color=255,
        sent_at=SENT + timedelta(milliseconds=5), sender="u", site="niconico",
    )  # fmt: skip
    assert [record.reason for record in rejected] == [
        "a message of Niconico's that is no comment: ping",
        "a message of Niconico's that is no comment: thread",
    ]


@pytest.mark.parametrize(
    ("mail", "mode", "size", "color"),
    [
        ("", 1, 25, 0xFFFFFF),
        (None, 1, 25, 0xFFFFFF),
        ("ue small truered", 5, 18, 0xCC0033),
        ("naka medium passionorange", 1, 25, 0xFF6600),
        ("184 device:3DS cyan", 1, 25, 0x00FFFF),
    ],
)
def test_niconicos_commands(mail: str | None, mode: int, size: int, color: int) -> None:
    before = document(legacy(mail=mail))[0][0]
    now = document([{"vposMs": 1, "body": "好", "commands": (mail or "").split()}])[0][0]
    for comment in (before, now):
        assert (comment.mode, comment.font_size, comment.color) == (mode, size, color)


def test_niconicos_deleted_comments_and_odd_colours() -> None:
    comments, rejected = document(legacy() + legacy(content=None, deleted=1))
    assert len(comments) == 1 and rejected[-1].reason == "a deleted comment, which has no text"
    comment = document(legacy(mail="#zzzzzz"))[0][0]
    assert (comment.color, comment.blanked) == (0xFFFFFF, ("colour",))


def test_niconicos_answers_of_today() -> None:
    said = {"id": "888000000000000001", "no": 4, "vposMs": 4560, "body": "好", "commands": ["ue", "red"], "score": 0,
            "userId": "nvc:x", "postedAt": "2020-01-02T12:04:05+09:00", "isPremium": False}  # fmt: skip
    threads = [{"id": "77", "fork": "main", "commentCount": 1, "comments": [said]}]
    comment = one({"meta": {"status": 200}, "data": {"globalComments": [{"id": "77", "count": 1}], "threads": threads}})
    assert comment == Comment(
        "好", comment_id="888000000000000001", video_id="niconico77", onset_s=4.56, mode=5, font_size=25,
        color=0xFF0000, sent_at=SENT, sender="nvc:x", site="niconico",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("decoration", "mode", "size", "color", "blanked"),
    [
        ('{"pos":1,"size":2,"color":255}', 5, 36, 255, ()),
        ('{"pos":2,"size":0,"color":"255"}', 4, 18, 255, ()),
        ({"pos": 3, "color": "#0000ff"}, 1, None, 255, ()),
        ("", 1, None, None, ()),
        ("{broken", 1, None, None, ()),
        ('{"pos":9,"color":"blue"}', None, None, 255, ("mode",)),
    ],
)
def test_youku_and_tudou(decoration: Any, mode: Any, size: Any, color: Any, blanked: tuple[str, ...]) -> None:
    row = {"id": 70_001, "iid": 5, "uid": 6, "content": "好", "playat": 90_500, "createtime": UNIX * 1000, "mat": 1,
           "propertis": decoration, "type": 1, "status": 99}  # fmt: skip
    assert one({"count": 9, "filtered": False, "result": [row]}) == Comment(
        "好", comment_id="70001", video_id="youku5", onset_s=90.5, mode=mode, font_size=size, color=color,
        sent_at=SENT, sender="6", site="youku", blanked=blanked,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("style", "mode", "color"),
    [
        ("", 1, None),
        ('{"color":"0000ff","position":2}', 5, 255),
        ({"gradient_colors": ["0000FF", "00FF00"], "position": 3}, 4, 255),
    ],
)
def test_tencents_segments(style: Any, mode: int, color: int | None) -> None:
    row = {"id": "76001", "time_offset": "30500", "content": "好", "create_time": str(UNIX), "vuid": "", "nick": "",
           "content_style": style}  # fmt: skip
    assert one({"barrage_list": [row]}) == Comment(
        "好", comment_id="76001", onset_s=30.5, mode=mode, color=color, sent_at=SENT, site="tencent"
    )


def test_tencents_lists_of_before_are_in_seconds() -> None:
    row = {"commentid": "9", "content": "好", "timepoint": 30, "opername": "甲", "upcount": 1, "content_style": ""}
    assert one({"err_code": 0, "count": 1, "comments": [row]}) == Comment(
        "好", comment_id="9", onset_s=30.0, mode=1, sender="甲", site="tencent"
    )


@pytest.mark.parametrize(
    ("decoration", "mode", "color"),
    [
        ({}, 1, None),
        ({"v2_position": 1, "v2_color": {"color_left": {"r": 0, "g": 0, "b": 255}}}, 5, 255),
        ({"v2_position": 2}, 4, None),
    ],
)
def test_mango(decoration: dict[str, Any], mode: int, color: int | None) -> None:
    row = {"ids": "6690000000000000009", "type": 0, "uid": 5, "content": "好", "time": 2500} | decoration
    assert one({"status": 0, "msg": "操作成功", "data": {"next": 60000, "items": [row]}}) == Comment(
        "好", comment_id="6690000000000000009", onset_s=2.5, mode=mode, color=color, sender="5", site="mgtv"
    )


def test_iqiyi() -> None:
    row = {"contentId": "5", "content": "好", "showTime": "61", "color": "0000ff", "position": "0",
           "userInfo": {"uid": "8"}}  # fmt: skip
    assert one({"data": [{"int": 60, "bulletInfo": [row]}]}) == Comment(
        "好", comment_id="5", onset_s=61.0, mode=1, color=255, sender="8", site="iqiyi"
    )


def test_ids_and_videos_of_different_sites_never_meet() -> None:
    youku = one({"result": [{"id": 5, "iid": 9, "content": "好", "playat": 1}]})
    tencent = one({"barrage_list": [{"id": "5", "vid": "9", "content": "好", "time_offset": "1"}]})
    assert (youku.comment_id, tencent.comment_id) == ("5", "5")
    assert (youku.site, youku.video_id) != (tencent.site, tencent.video_id)


def test_an_answer_that_is_quoted_in_another() -> None:
    row = {"id": 1, "content": "好", "playat": 1000, "propertis": "{}"}
    quoted = json.dumps({"code": 0, "data": {"result": [row, row]}}, ensure_ascii=False)
    comments, rejected = document({"api": "list", "data": {"result": quoted}, "ret": ["SUCCESS"]})
    assert [comment.text for comment in comments] == ["好", "好"] and rejected == []


# Players


def test_artplayers_modes_and_colours() -> None:
    rows = [{"text": "好", "time": 1.5, "mode": mode, "color": "#00F", "border": False} for mode in (0, 1, 2)]
    comments, rejected = document([*rows, {"text": "好", "time": 2, "border": True}])
    assert [(one.mode, one.color, one.onset_s) for one in comments] == [
        (1, 255, 1.5),
        (5, 255, 1.5),
        (4, 255, 1.5),
        (1, None, 2.0),
    ]
    assert rejected == [] and {comment.site for comment in comments} == {None}


def test_the_same_names_with_bilibilis_modes_are_no_artplayers() -> None:
    comment = one([{"text": "好", "time": 1.5, "mode": 4, "color": "#0000FF", "ctime": UNIX}])
    assert (comment.mode, comment.color, comment.sent_at) == (4, 255, SENT)


@pytest.mark.parametrize(("kind", "mode"), [(0, 1), (1, 5), (2, 4), ("right", 1), ("top", 5), ("bottom", 4)])
def test_dplayers_objects(kind: Any, mode: int) -> None:
    row = {"_id": "a1", "player": "v7", "author": "甲", "time": 1.5, "text": "好", "color": "#0000ff", "type": kind,
           "date": UNIX * 1000}  # fmt: skip
    assert one({"code": 0, "danmaku": [row]}) == Comment(
        "好", comment_id="a1", video_id="v7", onset_s=1.5, mode=mode, color=255, sent_at=SENT, sender="甲"
    )


def test_dplayers_longer_lists() -> None:
    rows = [[1.5, "right", "#00f", "甲", "好", "::1", "2020", "24px"], [2, "top", "#00f", "", "吧"]]
    comments, rejected = document({"code": 23, "danum": 2, "danmuku": rows})
    assert [(one.onset_s, one.mode, one.color, one.sender, one.text) for one in comments] == [
        (1.5, 1, 255, "甲", "好"),
        (2.0, 5, 255, None, "吧"),
    ]
    assert rejected == []


# Servers that answer as DanDanPlay does

FOUR, FIVE = "1.5,5,255", "1.5,5,18,255"
EIGHT = f"1.5,5,18,255,{UNIX},0,1a2b3c4d,26600000000000001"


@pytest.mark.parametrize(
    ("joined", "expected"),
    [
        (f"{FOUR},u7", Comment("好", "9000", None, None, None, 1.5, 5, None, 255, sender="u7", site="dandanplay")),
        (f"{FOUR},[tencent]", Comment("好", "9000", None, None, None, 1.5, 5, None, 255, site="tencent")),
        (f"{FOUR},[BiliBili]1a2b", Comment("好", "9000", None, None, None, 1.5, 5, None, 255, None, None, "1a2b",
                                           site="bilibili")),
        (f"{FIVE},[qq]", Comment("好", "9000", None, None, None, 1.5, 5, 18, 255, site="qq")),
        (f"{FIVE},{UNIX},1a2b3c4d,26600000000000001",
         Comment("好", None, None, None, None, 1.5, 5, 18, 255, SENT, None, "1a2b3c4d", 26600000000000001,
                 site="bilibili")),
        (EIGHT, Comment("好", None, None, None, None, 1.5, 5, 18, 255, SENT, 0, "1a2b3c4d", 26600000000000001,
                        site="bilibili")),
        (f"{EIGHT},7", Comment("好", None, None, None, None, 1.5, 5, 18, 255, SENT, 0, "1a2b3c4d", 26600000000000001,
                               weight=7, site="bilibili")),
        ("1.5,x,y,[iqiyi]", Comment("好", "9000", None, None, None, 1.5, site="iqiyi", blanked=("mode", "colour"))),
    ],
)  # fmt: skip
def test_attributes_by_their_number(joined: str, expected: Comment) -> None:
    answer = {"count": 1, "comments": [{"cid": 9000, "p": joined, "m": "好"}]}
    assert one(answer) == expected
    assert lines(*answer["comments"] * 3) == ([expected] * 3, [])  # type: ignore[operator]


@pytest.mark.parametrize(
    "joined",
    ["1.5,1,255,1a", "0,9,0,00", "12345.678000,5,16777215,1234567890", "7.25,4,999999999,u7", "1.5,1,255,NULL"],
)
def test_the_usual_spelling_of_four_is_read_as_any_other(joined: str) -> None:
    assert of_attributes(joined, "好") == of_attributes(f" {joined}", "好")


@pytest.mark.parametrize("first", [0, 1])
def test_a_number_that_counts_the_comments_is_no_id_and_no_pool(first: int) -> None:
    rows = [{"cid": first + n, "p": f"{n}.5,1,255,[iqiyi]", "m": f"句{n}"} for n in range(5)]
    comments, _ = document({"count": 5, "comments": rows})
    assert [(one.comment_id, one.chat_id) for one in comments] == [(None, None)] * 5


def test_neither_too_few_attributes_nor_no_text_is_a_comment() -> None:
    rows = [{"p": f"{FOUR},u", "m": "好"}, {"p": "前方,高能", "m": "好"}, {"p": f"{FOUR},u", "m": None}]
    comments, rejected = document(rows)
    assert len(comments) == 1
    assert [record.reason for record in rejected] == [
        "the attributes '前方,高能' are none of a comment",
        "no text",
    ]


# XML that was made JSON

SPELLINGS: dict[str, Any] = {
    "@p": lambda p, text: {"@p": p, "#text": text},
    "-p": lambda p, text: {"-p": p, "#text": text},
    "_p": lambda p, text: {"_p": p, "__text": text},
    "$p": lambda p, text: {"$p": p, "$t": text},
    "@_p": lambda p, text: {"@_p": p, "#text": text},
    "$.p": lambda p, text: {"$": {"p": p}, "_": text},
    "_attributes.p": lambda p, text: {"_attributes": {"p": p}, "_text": text},
    "$.p flat": lambda p, text: {"$.p": p, "_": text},
    "_attributes.p flat": lambda p, text: {"_attributes.p": p, "_text": text},
    "attributes.p": lambda p, text: {"attributes": {"p": p, "user": "甲"}, "text": text},
    "a list of texts": lambda p, text: {"$": {"p": p}, "_": [text]},
    "elements": lambda p, text: {"type": "element", "name": "d", "attributes": {"p": p},
                                 "elements": [{"type": "text", "text": text}]},
}  # fmt: skip


@pytest.mark.parametrize("chatid", ["5501", ["5501"], {"_text": "5501"}, {"#text": "5501"}], ids=str)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_xml_as_json(spelling: str, chatid: Any) -> None:
    spell = SPELLINGS[spelling]
    expected = Comment("好", None, None, "5501", None, 1.5, 5, 18, 255, SENT, 0, "1a2b3c4d", 26600000000000001,
                       site="bilibili")  # fmt: skip
    for listed in ([spell(EIGHT, "好"), spell(EIGHT, "好")], spell(EIGHT, "好")):
        comments, rejected = document({"i": {"chatserver": "x", "chatid": chatid, "source": "k-v", "d": listed}})
        assert set(map(str, comments)) == {str(expected)} and rejected == []


def test_an_element_without_a_text_has_an_empty_one() -> None:
    comments, _ = document({"i": {"chatid": "0", "d": [{"@p": EIGHT}, {"$": {"p": EIGHT}}]}})
    assert [(one.text, one.chat_id) for one in comments] == [("", None)] * 2


def test_two_documents_of_two_pools() -> None:
    first = {"i": {"chatid": "1", "d": [{"@p": EIGHT, "#text": "甲"}]}}
    second = {"i": {"d": [{"@p": EIGHT, "#text": "乙"}]}}
    content = f"{first}\n{second}\n".replace("'", '"')
    assert [(one.text, one.chat_id) for one in records(content)[0]] == [("甲", "1"), ("乙", None)]


def test_niconicos_xml_as_json() -> None:
    comment = one({"packet": {"chat": [{"@vpos": "150", "@date": str(UNIX), "@mail": "ue", "#text": "好"}]}})
    assert (comment.text, comment.onset_s, comment.mode, comment.site) == ("好", 1.5, 5, "niconico")


# Nothing is lost in silence


def test_objects_before_the_first_comment_of_an_array_are_on_record() -> None:
    comments, rejected = document([{"version": 2}, {"name": "x"}, {"id": 1, "text": "好"}, {"version": 3}])
    assert len(comments) == 1
    assert [record.reason for record in rejected] == ["no text"] * 3


def test_a_wrapper_is_no_record() -> None:
    assert len(document([{"page": 1, "list": [{"id": 1, "text": "好"}]}, {"page": 2, "list": []}])[1]) == 0


@pytest.mark.parametrize("sender", ["0", "-1", "null", None, ""])
@pytest.mark.parametrize("sent", [0, "", None, -1, 86400, 10**18])
def test_no_sender_and_no_time_are_unknown(sender: Any, sent: Any) -> None:
    comment = one([{"position": 1, "body": "好", "userId": sender, "createTime": sent}])
    assert (comment.sender, comment.sent_at) == (None, None)


NAMES = sorted(
    words(
        "cmd info data raw chat ping vpos vposMs body content commands playat propertis time_offset content_style time "
        "ids v2_color contentId showTime p m @p $ _ attributes elements type sender text method common author color "
        "position danmakuId border chatid start_time id fork uid message"
    )
)
WORDS = ["DANMU_MSG", "SUPER_CHAT_MESSAGE", "WebcastChatMessage", "comment", "danmaku", "top", "-1", "1e999", "{"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=20,
)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=7), min_size=1, max_size=3))
def test_whatever_stands_where_a_value_belongs(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        with suppress(BadField):
            read_object(TOLERANT.decode(json.dumps(row)), Around())
    content = json.dumps(rows)
    for record in Document("file", JsonStream([content])).records():
        assert isinstance(record, (Comment, Rejected))
    JSON_LINES.recognises(content[1:-1].encode())


@pytest.mark.parametrize(
    "content",
    [
        '{"a":{"cmd":{"cmd":' * 20_000,
        '{"a":' + '{"chat":{"b":[' * 30_000,
        "[" + '{"cmd":"X","data":{' * 30_000,
        '{"a":{"cmd":1},' * 50_000,
        '{"$":{"p":"' + "1," * 200_000 + '"}}',
    ],
    ids=[*"abcde"],
)
def test_hostile_documents_take_linear_time(content: str) -> None:
    begin = time.monotonic()
    list(Document("file", JsonStream([content])).records())
    assert time.monotonic() - begin < 20


# What people really have

RIGHT = {
    "acfun-api": (2, 0), "per-comment-cid": (3, 0), "source-tags": (3, 0), "two-sites-one-id": (3, 0),
    "tudou-json": (2, 0), "mango-json": (2, 0), "tencent-json": (2, 0), "niconico-json": (2, 0),
    "niconico-legacy": (2, 2), "xml-as-json-1": (2, 0), "xml-as-json-2": (2, 0), "xml-as-json-3": (2, 0),
    "live-jsonl": (31, 1),
}  # fmt: skip


@pytest.mark.skipif(not WILD.is_dir(), reason="the inputs are not here")
@pytest.mark.parametrize("folder", RIGHT)
def test_wild(folder: str) -> None:
    comments, rejected, census = parsed(WILD / folder)
    assert (len(comments), len(rejected)) == RIGHT[folder]
    assert comments["text"].is_unique().all() and census.total("duplicates") == 0
    assert comments["chat_id"].drop_nulls().n_unique() <= 1
    assert not comments["sender"].str.contains("[", literal=True).any()


@pytest.mark.parametrize("key", ["$t", "#text", "_", "__text"])
def test_a_converter_may_leave_the_names_of_attributes(key: str) -> None:
    joined = f"12.5,5,25,255,{UNIX},0,u7,26140000000000001"
    assert one({"i": {"chatid": "55", "d": [{"p": joined, key: "好"}]}}) == Comment(
        "好", chat_id="55", onset_s=12.5, mode=5, font_size=25, color=255, sent_at=SENT, pool=0, sender="u7",
        row_id=26140000000000001, site="bilibili",
    )  # fmt: skip


def test_bare_values_among_comments_are_rejected_before_and_behind_them() -> None:
    row = {"position": 1000, "body": "好", "danmakuId": 1}
    comments, rejected = document({"danmakus": ["junk", row, 7, None, row | {"danmakuId": 2}]})
    assert len(comments) == 2
    assert [record.reason for record in rejected] == ["a bare value among comments"] * 3
