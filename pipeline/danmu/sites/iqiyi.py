"""iQIYI, whose XML is found as JSON: seconds."""

from pipeline.danmu.sites.site import described, part
from pipeline.danmu.sites.values import BOTTOM, ROLLING, TOP, chosen, hex_colour

IQIYI = described(
    "iqiyi",
    "showTime content contentId|userInfo|likeCount|uid",
    "content",
    part("onset_s", "showTime"),
    part("mode", "position", chosen({"0": ROLLING, "100": TOP, "200": BOTTOM})),
    part("color", "color", hex_colour),
    part("sender", "userInfo.uid userInfo.senderId uid"),
    part("comment_id", "contentId"),
)
