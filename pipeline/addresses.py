"""Addresses of servers: what of one may be shown, and the proxy that stands before it.

A proxy is named by http_proxy, https_proxy or all_proxy, in small letters or capitals (on macOS and Windows by the
system as well), and no_proxy says which servers are asked without one. The libraries that we ask with differ in what
they make of these; `heed_proxies` writes them so that all of them understand the same.
"""

import ipaddress
import os
import re
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from pipeline.errors import UserError

SCHEMES = ("http", "https", "all")
KINDS = ("http", "https", "socks5", "socks5h")
#: this machine, which no proxy can reach for us; libraries differ in whether they take a network for its addresses
HERE = ("localhost", "127.0.0.1", "::1", "127.0.0.0/8")
USERINFO = re.compile(r"//[^\s'\"]*@")


def masked(text: str) -> str:
    """An address, or a sentence with addresses in it, without the names and passwords in front of an @."""
    return USERINFO.sub("//…@", text)


def heed_proxies() -> None:
    """Write the proxies into this process's environment as every HTTP library takes them, and none for this machine.

    Called before anything is asked. `socks://`, as desktops write it, becomes `socks5://`.

    Raises:
        UserError: what is named can be no proxy.
    """
    named = getproxies()
    proxies = {f"{scheme}_proxy": sound(named[scheme], f"{scheme}_proxy") for scheme in SCHEMES if named.get(scheme)}
    if proxies:
        without = [part for part in named.get("no", "").replace(" ", "").split(",") if part]
        proxies["no_proxy"] = ",".join(dict.fromkeys([*without, *HERE]))
    for name, value in proxies.items():
        for variable in {name, *(upper for upper in [name.upper()] if upper in os.environ)}:
            os.environ[variable] = value


def sound(proxy: str, variable: str) -> str:
    """A proxy's address with a scheme that is known.

    Raises:
        UserError: it is none.
    """
    url = proxy if "://" in proxy else f"http://{proxy}"
    url = re.sub(r"^socks://", "socks5://", url, flags=re.IGNORECASE)
    try:
        parts = urlsplit(url)
        if parts.hostname and parts.port != 0 and parts.scheme in KINDS:
            return url
    except ValueError:  # the port is no number, or a bracket stays open
        pass
    raise UserError(
        f"{variable} is {masked(url)}, which is no address of a proxy ({', '.join(KINDS)}); mend it, or unset it."
    )


def proxy_of(url: str) -> tuple[str, str] | None:
    """The proxy that a server is asked through and the variable that names it; None where it is asked directly."""
    parts, named = urlsplit(url), getproxies()
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or is_here(host) or proxy_bypass(host):
        return None
    scheme = next((scheme for scheme in (parts.scheme, "all") if named.get(scheme)), None)
    return None if scheme is None else (named[scheme], f"{scheme}_proxy")


def is_here(host: str) -> bool:
    """Whether a host's name or address is this machine's own."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def through(url: str) -> str:
    """How a sentence about a server goes on: which proxy it was asked through, if any."""
    proxy = proxy_of(url)
    return "" if proxy is None else f" through the proxy {masked(proxy[0])}, which {proxy[1]} names"
