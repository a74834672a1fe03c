"""What is shown of an address, and which proxy stands before a server."""

import os

import pytest

from pipeline.addresses import heed_proxies, masked, proxy_of, through
from pipeline.errors import UserError


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy, and what a test or `heed_proxies` sets is gone after it."""
    for name in ("http", "https", "all", "no"):
        for variable in (f"{name}_proxy", f"{name.upper()}_PROXY"):
            monkeypatch.setenv(variable, "")
            monkeypatch.delenv(variable)


@pytest.mark.parametrize(
    ("shown", "address"),
    [
        ("http://…@h:1/v1", "http://anna:s3cret@h:1/v1"),
        ("postgresql://…@h/db", "postgresql://anna:s3/cr@et@h/db"),
        ("at 'http://…@h' it failed", "at 'http://:s3cret@h' it failed"),
        ("http://h/v1?x=1", "http://h/v1?x=1"),
        ("mail anna@example.org", "mail anna@example.org"),
    ],
)
def test_names_and_passwords_are_not_shown(shown: str, address: str) -> None:
    assert masked(address) == shown


def test_this_machine_is_never_asked_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", "socks5://127.0.0.1:7891")
    monkeypatch.setenv("no_proxy", "intranet.example")
    heed_proxies()
    for url in ("http://127.0.0.1:8000/v1", "http://localhost:8000", "http://[::1]:8000/v1", "http://127.1.2.3/"):
        assert proxy_of(url) is None and through(url) == ""
    assert proxy_of("http://intranet.example/v1") is None
    assert proxy_of("https://example.org/v1") == ("socks5://127.0.0.1:7891", "all_proxy")
    assert os.environ["no_proxy"].split(",")[0] == "intranet.example"


def test_without_a_proxy_the_environment_is_left_alone() -> None:
    before = dict(os.environ)
    heed_proxies()
    assert dict(os.environ) == before


def test_a_proxy_is_named_without_its_password_and_the_more_particular_one_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks://anna:s3cret@127.0.0.1:7891/")
    monkeypatch.setenv("http_proxy", "127.0.0.1:7890")
    heed_proxies()
    for variable in ("ALL_PROXY", "all_proxy"):
        assert os.environ[variable] == "socks5://anna:s3cret@127.0.0.1:7891/"
    assert through("https://h/v1") == " through the proxy socks5://…@127.0.0.1:7891/, which all_proxy names"
    assert through("http://h/v1") == " through the proxy http://127.0.0.1:7890, which http_proxy names"


@pytest.mark.parametrize("proxy", ["socks4://h:1", "ftp://h:1", "http://h:port", "socks5://", "http://[::1:7891"])
def test_what_is_no_proxy_is_one_sentence(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(UserError, match=r"all_proxy is .*, which is no address of a proxy .http, https, socks5"):
        heed_proxies()
