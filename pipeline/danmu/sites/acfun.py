"""AcFun's API: milliseconds, and its own ids."""

from pipeline.danmu.sites.site import described, part
from pipeline.danmu.sites.values import thousandths

ACFUN_API = described(
    "acfun",
    "position body danmakuId|createTime|userId",
    "body",
    part("onset_s", "position", thousandths),
    part("mode", "mode"),
    part("font_size", "size"),
    part("color", "color"),
    part("sent_at", "createTime"),
    part("sender", "userId"),
    part("comment_id", "danmakuId"),
    part("video_id", "videoId acId resourceId"),
)
