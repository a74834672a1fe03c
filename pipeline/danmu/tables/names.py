"""The names that the fields of a comment go by in other people's tables, as `columns.plain` compares them."""

import re

#: what exporters and crawlers put before a name; what a column is called that holds the danmu themselves
DANMU = "弹幕 danmu danmaku dm barrage bullet bulletscreen bulletchat bulletcomment"


def of_danmu(names: str) -> str:
    """The names with what exporters put before them: 弹幕模式, danmu_mode, dm_mode, …"""
    return " ".join(before + name for name in names.split() for before in DANMU.split())


def with_unit(names: str) -> str:
    """The names of times, and the same where they say milliseconds."""
    return " ".join(f"{name} {name}ms" for name in names.split())


#: texts, ids and addresses that only danmu have
TELLING_TEXTS = of_danmu("content text") + f" {DANMU} " + of_danmu("message msg body 内容 文本 文字 正文 信息 消息")
TELLING_IDS = "idstr dmidstr rowidstr " + of_danmu("dmid id idstr rowid 编号 唯一id")
TELLING_ADDRESSES = of_danmu("url link address 地址 链接 网址 xml地址 文件地址")

#: field → the names it goes by. Where a table has several of them, the first in this order counts.
NAMES = {
    "comment_id": "commentid 评论id",
    "text": f"text content {TELLING_TEXTS} 内容 文本 评论内容 评论 comment body message msg 消息内容 发言内容 "
    "正文 文字",
    "onset_s": with_unit(
        "onsets onset progress stime appeartime appear appearat videotime timeinvideo timestampinvideo "
        "videotimestamp videoposition timepoint playbacktime playtime playbackposition currenttime showtime "
        + of_danmu("time appeartime videotime progress onset stime position")
        + " timeline"
        + " 出现时间 弹幕出现时间 弹幕出现的时间 出现时刻 弹幕出现时刻 出现时间点 弹幕出现位置 出现位置 弹幕时间点 "
        "弹幕时间轴 "
        "时间轴 视频时间 视频时间点 视频时间戳 视频内时间 视频中时间 视频中的时间 在视频中的时间 "
        "弹幕在视频中的时间 视频内出现时间 "
        "视频进度 播放时间 播放进度 播放位置 时间点 时间节点 相对时间"
    )
    + " timems times 弹幕发送时间ms",
    "mode": "mode "
    + of_danmu("mode type style format 模式 类型 格式 样式 形式 种类 位置")
    + " 模式 显示模式 弹幕的类型 弹幕的模式",
    "font_size": "fontsize font "
    + of_danmu("fontsize font size 字号 字体 字体大小 大小")
    + " 字体大小 字号 字的大小 文字大小",
    "color": "color colour fontcolor fontcolour "
    + of_danmu("color colour fontcolor 颜色 字体颜色")
    + " 字体颜色 文字颜色 颜色 颜色值 颜色代码",
    "sent_at": with_unit(
        "sentat senttime sentdate "
        "ctime sendtime senddate sendtimestamp sendat sendingtime posttime postdate postedat createdat "
        "createtime createdtime created publishtime pubtime pubdate realtime unixtime unixtimestamp datetime date "
        + of_danmu("sendtime senddate sendtimestamp posttime createtime ctime date realtime")
        + " 发送时间 弹幕发送时间 发送时间戳 弹幕发送时间戳 发送日期 弹幕发送日期 发送时刻 发布时间 "
        "弹幕发布时间 发布日期 发表时间 "
        "创建时间 上传时间 真实时间 现实时间 实际时间 弹幕日期 日期 日期时间"
    ),
    "pool": "pool pooltype " + of_danmu("pool pooltype 池 池类型 池id"),
    "sender": "sender midhash userhash uhash crc32id midcrc32 uidcrc32 发送者hash 用户hash 用户hash值 "
    "发送者哈希 用户哈希 "
    "发送者id 弹幕发送者id 发送者 "
    "弹幕发送者 发送者mid 发送人 uid userid senderid "
    + of_danmu("userid user sender midhash userhash hash uid mid author 哈希")
    + " mid user author 用户id 用户 "
    "用户编号 username nickname uname 用户名 用户昵称 昵称",
    "row_id": f"rowid {TELLING_IDS}",
    "video_id": "videoid bvid bv bv号 bvno avid aid av av号 视频id 视频编号 视频bv号 视频av号 "
    "视频地址 视频链接 视频网址 视频url videourl videolink videoaddress",
    "chat_id": f"chatid cid oid 视频cid videocid {TELLING_ADDRESSES}",
    "weight": "weight 权重 弹幕权重 danmuweight danmakuweight 屏蔽等级",
}
#: names that mean these fields in a table of danmu, and anything in another
GENERIC = {
    "mode": "type 类型 样式",
    "font_size": "size 大小 字体",
    "sender": "hash crc32",
    "video_id": "url link 链接 网址 地址",
}
#: the video's clock or the world's, as the table's other columns and the values tell
EITHER_ONSET, EITHER_SENT_AT = "time 时间 弹幕时间", with_unit("timestamp 时间戳 " + of_danmu("timestamp 时间戳"))
#: an onset that is one of a video, as its name says
OF_A_VIDEO = with_unit(
    "appeartime videotime timeinvideo timestampinvideo videotimestamp 出现时间 视频时间 视频时间点 视频内时间 "
    + of_danmu("time appeartime videotime 出现时间")
)
#: what only danmu have; and what they share with other corpora
TELLING = (
    NAMES["mode"],
    NAMES["font_size"],
    NAMES["pool"],
    "midhash userhash uhash crc32id 用户hash 发送者hash",
    TELLING_ADDRESSES,
    TELLING_IDS,
    TELLING_TEXTS,
)
COMMON = ("type 类型", "size", NAMES["color"], NAMES["weight"])
#: our own names: what cannot be read there is counted in any table. (Not colour and weight: a shop has them.)
OURS = frozenset(
    ["commentid", "videoid", "chatid", "onsets", "mode", "fontsize", "sentat", "pool", "sender", "rowid", "text"]
)

NOISE = re.compile(r"[\s_\-\"'`\ufeff]+")
MILLISECONDS = re.compile(r"(?<=.)(?:in)?(?:milliseconds?|millis|msecs?|毫秒)$")
SECONDS = re.compile(r"(?<=.)(?:in)?(?:seconds?|secs?|秒)$")


def plain(name: str) -> str:
    """A column's name as it is compared; a unit in brackets or at its end goes, but milliseconds stay as `ms`."""
    name, _, unit = NOISE.sub("", name).casefold().replace("（", "(").partition("(")
    name = SECONDS.sub("", MILLISECONDS.sub("ms", name))
    return name + "ms" * (unit.startswith(("毫秒", "ms", "millis")) and not name.endswith("ms"))
