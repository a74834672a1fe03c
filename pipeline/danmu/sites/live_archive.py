"""Archives of live rooms, whose messages say their type: `{"type": "comment", "text": "…", "sender": {"uid": 1}}`."""

from functools import lru_cache

from pipeline.danmu.readers.fields import NUMBER
from pipeline.danmu.record import SUPER_CHAT, Comment
from pipeline.danmu.sites.recording import no_comment, placed
from pipeline.danmu.sites.site import PLATFORM, ROOM, Around, Keys, Part, Site, commented, part, paths, value_at
from pipeline.danmu.sites.values import Object, sender, sent
from pipeline.danmu.tables.attributes import fill, words
from pipeline.danmu.tables.kinds import EARLIEST_TIME
from pipeline.danmu.tables.values import seconds

#: types as compared: in small letters, without `_` and `-`
SPOKEN = words("comment chat message text msg danmaku danmu danmumsg dm chatmsg 弹幕")
PAID = words("superchat superchatmessage sc paidmessage 醒目留言")
OTHERS = words(
    "gift givegift sendgift guard guardbuy buyguard like likes enter entry join member memberenter welcome follow "
    "social share subscribe sub toast usertoast combo combosend interact interactword roomstats stats online "
    "onlinerank rank control system notice heartbeat meta metadata start end live preparing roominfo fansclub "
    "livestart liveend 礼物 上舰 点赞 进场 关注"
)
TYPES = SPOKEN | PAID | OTHERS
LONGEST = 40  # characters of a type
BEGINNINGS = words("meta metadata start livestart roominfo")  # they tell of the recording
#: types that other corpora have, too
COMMON = words(
    "comment chat message text msg like likes join follow share system meta metadata start end notice control stats "
    "member social sub subscribe rank live online enter entry welcome interact combo heartbeat"
)
TEXT = paths("text content danmaku danmu message msg comment body txt data.text data.content data.message")
TIME = paths(
    "timestamp ts send_time sent_at sendTime sendAt created_at createdAt createTime create_time event_time eventTime "
    "time_ms date time data.timestamp data.ts data.time"
)
ONSET = paths("progress offset relative_time relativeTime elapsed time_offset timeOffset video_time time_in_seconds")
WHO = paths(
    "sender.uid sender.id sender.name user.uid user.id user.idStr user.user_id user.userId user.name user.nickname "
    "user.nickName user_id userId uid open_id openId sender user username uname nickname nickName author.id "
    "author.name author data.uid data.user.id data.user_id"
)
ROOM_INSIDE = paths("data.room_id data.roomid data.roomId common.roomId")
PARTS = (
    part("mode", "mode"),
    part("font_size", "fontsize font_size fontSize size"),
    part("color", "color colour font_color"),
    Part("sender", WHO, sender),
    part("comment_id", "msg_id msgId message_id messageId common.msgId id"),
)


def kind_of(row: Object) -> str:
    """A message's type as it is compared."""
    said = row.get("type")
    return compared(said) if isinstance(said, str) and len(said) < LONGEST else ""


@lru_cache
def compared(said: str) -> str:
    """A type without what differs from one archive to the next."""
    return said.casefold().replace("_", "").replace("-", "")


def is_message(row: Object) -> bool:
    """Whether a row is a live message. Types that other corpora have too need more: particulars of a sender, a room,
    or a sender and a time, and no id.
    """
    kind = kind_of(row)
    if kind not in TYPES:
        return False
    if kind not in COMMON or isinstance(row.get("sender"), dict) or isinstance(row.get("user"), dict):
        return True
    flat = "id" not in row and value_at(row, WHO) is not None and value_at(row, TIME) is not None
    return flat or room_of(row) is not None


def room_of(row: Object) -> str | None:
    """The room that a message names."""
    return value_at(row, ROOM) or value_at(row, ROOM_INSIDE)


def read(row: Object, around: Around) -> Comment:
    """The comment that a message is."""
    kind = kind_of(row)
    if kind in OTHERS:
        if kind in BEGINNINGS:
            around.note(row)
        raise no_comment(str(row["type"]))
    return live_comment(row, around, value_at(row, PLATFORM) or around.platform, paid=kind in PAID)


def live_comment(row: Object, around: Around, site: str | None, paid: bool = False) -> Comment:
    """The comment of a message that speaks: a time of some years is when it was sent, a smaller one its second."""
    comment = commented(row, site and site.casefold(), value_at(row, TEXT), PARTS)
    comment.kind = SUPER_CHAT if paid else None
    if (onset := value_at(row, ONSET)) is not None:
        fill(comment, "onset_s", onset, seconds)
    if (time := value_at(row, TIME)) is not None:
        if NUMBER.fullmatch(time) and 0 < abs(float(time)) < EARLIEST_TIME:
            fill(comment, "onset_s", time, seconds)
        else:
            fill(comment, "sent_at", time, sent)
    return placed(comment, around, room_of(row))


def has(keys: Keys) -> bool:
    """Whether such keys may be those of a message: a type and what such messages have."""
    return "type" in keys and len(keys) > 1


LIVE_ARCHIVE = Site("live archive", has, read, is_message)
