"""Live rooms as JSON: what is said becomes comments, and all else is on record."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.danmu.record import SUPER_CHAT, Comment
from tests.danmu.json_records import Records, document, lines, records

SENT = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
UNIX = int(SENT.timestamp())
LATER = SENT + timedelta(milliseconds=6)
GIFT = {"cmd": "SEND_GIFT", "data": {"giftName": "辣条", "uid": 1, "num": 3, "message": "谢谢"}}
LIKE = {"cmd": "LIKE_INFO_V3_CLICK", "data": {"uid": 1, "like_text": "为主播点赞了"}}


def spoken(text: str = "好", **changes: Any) -> dict[str, Any]:
    """A message as Bilibili sends it."""
    head = [0, 4, 18, 255, UNIX * 1000 + 6, 1577934000, 0, changes.pop("hash", "1a2b3c4d"), 0, 0, 0, ""]
    user = [changes.pop("uid", 4711), "甲", 0, 0, 0, 10000, 1, ""]
    return {"cmd": "DANMU_MSG", "info": [head, text, user, [], [1, 0, 9868950, ">50000"], ["", ""], 0, 0]} | changes


def paid(**changes: Any) -> dict[str, Any]:
    data = {"id": 77, "uid": 9, "price": 30, "message": "醒目", "ts": UNIX, "message_jpn": "目立つ"}
    return {"cmd": "SUPER_CHAT_MESSAGE", "data": data, "roomid": 123} | changes


def said(**changes: Any) -> Comment:
    """The comment of `spoken`."""
    comment = Comment("好", None, "file", None, None, None, 4, 18, 255, LATER, None, "1a2b3c4d", site="bilibili")
    return replace(comment, **changes)


def reasons(found: Records) -> list[str]:
    return [record.reason for record in found[1]]


# Bilibili


def test_what_is_said_is_read_and_all_else_is_on_record() -> None:
    found = lines(GIFT, spoken(), LIKE, {"cmd": "GUARD_BUY", "data": {}}, spoken("又"), {"op": 3})
    assert found[0] == [said(), said(text="又")]
    assert reasons(found) == [
        "a live message that is no comment: SEND_GIFT",
        "a live message that is no comment: LIKE_INFO_V3_CLICK",
        "a live message that is no comment: GUARD_BUY",
        "no text",
    ]
    assert [record.line for record in found[1]] == [1, 3, 4, 6]


@pytest.mark.parametrize(
    "wrap",
    [
        lambda message: [message, GIFT],
        lambda message: {"messages": [message]},
        lambda message: [{"raw": message, "received": UNIX}],
        lambda message: [{"type": "x", "data": message}],
        lambda message: [{"raw": __import__("json").dumps(message)}],
        lambda message: message,
        lambda message: {"raw": message},
    ],
)
def test_however_a_message_is_wrapped(wrap: Any) -> None:
    assert document(wrap(spoken()))[0] == [said()]
    assert document(wrap({"info": spoken()["info"], "cmd": "DANMU_MSG:4:0:2:2:2:0"}))[0] == [said()]


def test_the_sender_is_the_hash_or_the_number_of_a_user() -> None:
    comments, _ = lines(spoken(), spoken(hash=""), spoken(hash="", uid=0))
    assert [comment.sender for comment in comments] == ["1a2b3c4d", "4711", None]


def test_a_super_chat_is_a_comment_of_its_own_kind() -> None:
    expected = Comment("醒目", comment_id="77", video_id="live123-file", sent_at=SENT, sender="9", site="bilibili",
                       kind=SUPER_CHAT)  # fmt: skip
    again = paid(cmd="SUPER_CHAT_MESSAGE_JPN")
    deleted = {"cmd": "SUPER_CHAT_MESSAGE_DELETE", "data": {"ids": [77]}}
    found = lines(spoken(roomid=123), paid(), again, deleted)
    assert found[0] == [said(video_id="live123-file"), expected, expected]
    assert reasons(found) == ["a live message that is no comment: SUPER_CHAT_MESSAGE_DELETE"]


def test_messages_of_the_interface_for_apps() -> None:
    data = {"room_id": 5, "open_id": "o1", "msg": "好", "msg_id": "m1", "timestamp": UNIX}
    comments, rejected = lines(
        {"cmd": "LIVE_OPEN_PLATFORM_DM", "data": data}, {"cmd": "LIVE_OPEN_PLATFORM_SEND_GIFT", "data": data}
    )
    assert comments == [
        Comment("好", comment_id="m1", video_id="live5-file", sent_at=SENT, sender="o1", site="bilibili")
    ]
    assert len(rejected) == 1


@pytest.mark.parametrize(
    ("info", "text", "sent"),
    [
        ([[0, 1, 25, 255, UNIX], "好"], "好", SENT),
        ([[], "好"], "好", None),
        ([[0, 1, 25, 255, "x"], "好", []], "好", None),
        ([None, "好", None], "好", None),
        ([[0, 1, 25, 255, 0], "好", [1], 0, 0, 0, 0, 0, 0, {"ts": UNIX}], "好", SENT),
    ],
)
def test_what_is_missing_beside_a_text_is_blank(info: Any, text: str, sent: datetime | None) -> None:
    [comment], _ = document([{"cmd": "DANMU_MSG", "info": info}])
    assert (comment.text, comment.sent_at) == (text, sent)


@pytest.mark.parametrize("info", [None, [], "x", [[0]], [[0], None], {"text": "好"}])
def test_a_message_without_a_text_is_rejected(info: Any) -> None:
    assert reasons(document([spoken(), {"cmd": "DANMU_MSG", "info": info}])) == ["no text"]


def test_a_rooms_page_of_the_last_minutes() -> None:
    row = {"text": "好", "uid": 9, "nickname": "甲", "timeline": "2020-01-02 11:04:05", "isadmin": 0, "rnd": 1,
           "check_info": {"ts": UNIX, "ct": "A"}}  # fmt: skip
    comments, _ = document({"code": 0, "data": {"admin": [], "room": [row, row | {"check_info": None}]}})
    assert {(comment.sent_at, comment.sender, comment.site) for comment in comments} == {(SENT, "9", "bilibili")}


# The recording


def test_onsets_count_from_the_start_of_the_recording_where_it_is_known() -> None:
    start = {"type": "meta", "recordStartTimestamp": (UNIX - 60) * 1000, "room_id": 88}
    found = lines(start, spoken())
    assert found[0] == [said(onset_s=60.006, video_id="live88-20200102T030305Z")]
    assert reasons(found) == ["a live message that is no comment: meta"]
    found = document({"meta": {"recordStartTimestamp": (UNIX + 60) * 1000}, "messages": [spoken()]})
    assert found[0] == [said(onset_s=-59.994, video_id="file")]


def test_recordings_of_different_files_are_different_videos() -> None:
    line = '{"cmd":"DANMU_MSG","info":[[0,1,25,255,1577934245006],"好"]}\n'
    assert {records(line, name)[0][0].video_id for name in ("a.jsonl", "b.jsonl")} == {"a.jsonl", "b.jsonl"}


# Archives with typed messages


def message(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, "timestamp": UNIX * 1000, "sender": {"uid": "u1", "name": "甲"}} | fields


def test_an_archive_of_typed_messages() -> None:
    messages = [
        message("comment", text="好", mode=1, color="#0000ff"),
        message("give_gift", name="火箭", count=1, price=500),
        message("super_chat", text="醒目", price=30),
        message("guard", name="舰长"),
        message("comment"),
    ]
    meta = {"platform": "DouYu", "room_id": "9", "recordStartTimestamp": (UNIX - 5) * 1000}
    comments, rejected = document({"meta": meta, "messages": messages})
    place = Comment("好", None, "live9-20200102T030400Z", None, None, 5.0, sent_at=SENT, sender="u1", site="douyu")
    assert comments == [
        replace(place, mode=1, color=255),
        replace(place, text="醒目", kind=SUPER_CHAT),
    ]
    assert [record.reason for record in rejected] == [
        "a live message that is no comment: give_gift",
        "a live message that is no comment: guard",
        "no text",
    ]


def test_flat_messages_of_a_room() -> None:
    flat = {"user_id": "u1", "username": "甲", "room_id": "r1", "timestamp": "2020-01-02T03:04:05.000Z"}
    comments, rejected = lines(
        {"type": "danmaku", "content": "好"} | flat,
        {"type": "gift", "gift_name": "小心心", "gift_count": 1} | flat,
        {"type": "like", "content": "点赞了"} | flat,
        {"type": "enter"} | flat,
    )
    assert comments == [Comment("好", video_id="liver1-file", sent_at=SENT, sender="u1")]
    assert len(rejected) == 3


def test_a_small_time_is_the_second_of_the_recording() -> None:
    comments, _ = lines({"type": "danmaku", "text": "好", "time": 12.5, "user": "甲"})
    assert (comments[0].onset_s, comments[0].sent_at, comments[0].sender) == (12.5, None, "甲")


@pytest.mark.parametrize(
    "row",
    [
        {"id": 1, "type": "comment", "text": "a", "user": "b", "time": 1314211127},
        {"id": 1, "type": "review", "text": "a", "user": {"id": 5}},
        {"id": 1, "type": "message", "text": "a"},
    ],
)
def test_other_corpora_with_types_keep_their_ids(row: dict[str, Any]) -> None:
    comments, _ = lines(row, row | {"id": 2})
    assert [comment.comment_id for comment in comments] == ["1", "2"]


# Douyin


def chat(**changes: Any) -> dict[str, Any]:
    return {"method": "WebcastChatMessage", "content": "好", "user": {"id": "6", "nickName": "甲"}} | changes


@pytest.mark.parametrize(
    ("row", "sent"),
    [
        (chat(eventTime=UNIX), SENT),
        (chat(time="2020-01-02 11:04:05"), SENT),
        (chat(method=None, type="WebcastChatMessage", timestamp=UNIX * 1000 + 6), LATER),
        (chat(method=None, common={"method": "WebcastChatMessage", "createTime": UNIX * 1000}), SENT),
        ({"method": "WebcastChatMessage", "event_ts_ms": UNIX * 1000, "payload": {"content": "好", "user": {"id": 6}}},
         SENT),
        ({"event_ts_ms": UNIX * 1000 + 6, "user_id": "6", "content": "好"}, LATER),
        (chat(), None),
    ],
)  # fmt: skip
def test_douyins_messages(row: dict[str, Any], sent: datetime | None) -> None:
    row = {key: value for key, value in row.items() if value is not None}
    comments, rejected = lines(
        row, {"method": "WebcastGiftMessage", "gift": {"name": "x"}}, {"method": "WebcastLikeMessage"}
    )
    assert comments == [Comment("好", video_id="file", sent_at=sent, sender="6", site="douyin")]
    assert [record.reason.split(": ")[1] for record in rejected] == ["WebcastGiftMessage", "WebcastLikeMessage"]


def test_lines_that_only_resemble_live_messages_do_not_tell_a_form() -> None:
    with pytest.raises(AssertionError):
        lines({"type": "system", "user": {"id": 1}, "time": UNIX}, {"type": "start", "user": {"id": 1}})
