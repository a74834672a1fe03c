"""`danmu collect`: danmu from Bilibili into a folder that `data.raw` can point at."""

from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.addresses import heed_proxies, masked, proxy_of
from pipeline.errors import UserError
from pipeline.terminal import say

if TYPE_CHECKING:
    from pipeline.danmu.collect.collection import Clock
    from pipeline.danmu.collect.service import Service


def collect(
    videos: Annotated[
        list[str], typer.Argument(metavar="BVID|URL|CID…", help="videos with all their parts, or single pools")
    ],
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="bring the history too, from this day on (needs a login, see below)"),
    ] = None,
    hourly: Annotated[bool, typer.Option("--hourly", help="go on at every full hour, until Ctrl-C")] = False,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="where it is kept")] = Path("collected"),
    interval: Annotated[float, typer.Option(min=1.0, help="seconds between two requests; be kind")] = 1.0,
    timeout: Annotated[float, typer.Option(min=1.0, help="seconds after which an answer counts as lost")] = 30.0,
) -> None:
    """Collect danmu from Bilibili: every answer as it came, and a day file of each day.

    Examples:

        danmu collect BV1xx411c7mD

        danmu collect https://www.bilibili.com/video/av170001 --since 2024-01-01 -o data/collected

        danmu collect BV1xx411c7mD --hourly

    Stopped, or turned away, it goes on where it was when the same command runs again.

    History is shown to members only: set BILIBILI_SESSDATA to the SESSDATA cookie of a browser in which you
    are logged in. It is sent to Bilibili and to nobody else, and is neither written down nor printed.

    Hourly by cron, in place of --hourly:

        0 * * * *  cd ~/danmu && .venv/bin/danmu collect BV1xx411c7mD -o data/collected
    """
    from pipeline.danmu.collect.collection import Clock, Collection, read_target
    from pipeline.danmu.collect.folder import Folder

    targets = list(dict.fromkeys(map(read_target, videos)))
    clock = Clock()
    if since and hourly:
        raise UserError("--since and --hourly do not go together; bring the history first, then collect hourly.")
    if since and since.date() > clock.today():
        raise UserError(f"--since {since.date()} is still to come; give a day that is over.")
    folder = Folder(output)
    try:
        with folder.locked(), closing(service(clock, interval, timeout, login=since is not None)) as answers:
            collection = Collection(targets, folder, answers, clock)
            if hourly:
                collection.hourly(say)
            say(f"{collection.round(since.date() if since else None)}; kept in {output}")
    except KeyboardInterrupt:
        say(f"\nstopped; the same command goes on from what is in {output}")
        raise typer.Exit(0 if hourly else 130) from None


def service(clock: "Clock", interval: float, timeout: float, login: bool) -> "Service":
    """What talks to Bilibili.

    Raises:
        UserError: its library is not installed, a login is needed and there is none, or a proxy is none for it.
    """
    try:
        from pipeline.danmu.collect.service import Service, check_login
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("bilibili_api", "aiohttp"):
            raise
        raise UserError(
            "`danmu collect` needs packages that are not installed; run `.venv/bin/python -m pip install "
            "aiohttp bilibili-api-python` (the extra `collect`; the latter is GPL-3.0-or-later)."
        ) from None
    if login:
        check_login()
    heed_proxies()
    proxy, variable = proxy_of("https://api.bilibili.com") or ("", "")
    if proxy.startswith("socks") and variable == "https_proxy":  # the library passes all_proxy over
        raise UserError(
            f"{variable} is {masked(proxy)}, and `danmu collect` speaks to http proxies alone; set it to one (the "
            "mixed port of Clash is both), or unset it."
        )
    return Service(clock, interval, timeout)
