"""Every kind of JSON object that is no row of a table, in the order in which they are tried."""

from pipeline.danmu.sites.acfun import ACFUN_API
from pipeline.danmu.sites.bilibili_live import BILIBILI_LIVE, BILIBILI_ROOM
from pipeline.danmu.sites.dandanplay import DANDANPLAY
from pipeline.danmu.sites.douyin import DOUYIN
from pipeline.danmu.sites.iqiyi import IQIYI
from pipeline.danmu.sites.live_archive import LIVE_ARCHIVE
from pipeline.danmu.sites.mango import MANGO
from pipeline.danmu.sites.niconico import NICONICO, NICONICO_V1
from pipeline.danmu.sites.players import ARTPLAYER, DPLAYER
from pipeline.danmu.sites.site import Keys, Site
from pipeline.danmu.sites.tencent import TENCENT, TENCENT_LIST
from pipeline.danmu.sites.values import Object
from pipeline.danmu.sites.xml_as_json import XML_AS_JSON
from pipeline.danmu.sites.youku import YOUKU

SITES = (
    DANDANPLAY,
    BILIBILI_LIVE,
    BILIBILI_ROOM,
    DOUYIN,
    NICONICO_V1,
    NICONICO,
    XML_AS_JSON,
    ACFUN_API,
    YOUKU,
    TENCENT,
    TENCENT_LIST,
    MANGO,
    IQIYI,
    DPLAYER,
    ARTPLAYER,
    LIVE_ARCHIVE,
)


def sites_with(keys: Keys) -> tuple[Site, ...]:
    """The sites whose records may have such keys."""
    return tuple(site for site in SITES if site.has(keys))


def site_of(row: Object, sites: tuple[Site, ...]) -> Site | None:
    """The one of these sites that a row is of."""
    for site in sites:
        if site.claims(row):
            return site
    return None
