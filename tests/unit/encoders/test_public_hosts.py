"""Which addresses strangers' URLs may lead to, and that no server keeps us for long."""

from __future__ import annotations

import ipaddress
import socketserver
import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from encoders.pictures import public_hosts, sources
from encoders.pictures.public_hosts import is_public
from encoders.pictures.sources import Downloader, PictureUnavailable, public_address

if TYPE_CHECKING:
    from collections.abc import Iterator

PUBLIC = (
    "8.8.8.8",
    "1.1.1.1",
    "2606:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::1",
)
PRIVATE = (
    "127.0.0.1",
    "127.8.9.1",
    "10.1.1.1",
    "172.16.0.1",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "192.0.0.192",
    "192.0.0.8",
    "192.88.99.1",
    "168.63.129.16",
    "198.18.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:10.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::7f00:1",
    "64:ff9b:1::808:808",
    "64:ff9b:1:a9fe:a9:fe00::",
    "2002:7f00:1::1",
    "2002:a9fe:a9fe::",
    "2001:0:a9fe:a9fe::1",
    "2001:0:808:808:0:0:8080:80fe",
    "2606:4700::5efe:7f00:1",
    "2606:4700::200:5efe:a00:1",
    "fec0::1",
    "feff::1",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "ff0e::1",
    "100::1",
    "2001:db8::1",
    "3fff::1",
    "5f00::1",
    "4000::1",
)


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PRIVATE)
def test_addresses_that_are_not_public(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PRIVATE)
def test_urls_of_them_are_refused(text: str) -> None:
    host = f"[{text}]" if ":" in text else text
    with pytest.raises(PictureUnavailable, match="no public address"):
        public_address(httpx.URL(f"http://{host}/a.png"))


def test_only_ports_of_web_servers_are_asked() -> None:
    assert public_address(httpx.URL("http://8.8.8.8/a.png")) == "8.8.8.8"
    assert public_address(httpx.URL("https://8.8.8.8:443/a.png")) == "8.8.8.8"
    assert public_address(httpx.URL("http://8.8.8.8:8080/"), {8080}) == "8.8.8.8"
    for url in ("http://8.8.8.8:22/", "https://8.8.8.8:6379/", "http://8.8.8.8:8080/"):
        with pytest.raises(PictureUnavailable, match="is not allowed"):
            public_address(httpx.URL(url))


class _Drip(socketserver.BaseRequestHandler):
    """Sends a byte now and then, and never ends: in the head, or behind it."""

    head = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n"

    def handle(self) -> None:
        """Drip."""
        self.request.recv(65536)
        behind: bool = self.server.behind  # type: ignore[attr-defined]
        try:
            self.request.sendall(self.head + (b"\r\n" if behind else b"X-Slow: "))
            while True:
                self.request.sendall(b"a")
                time.sleep(0.05)
        except OSError:
            return


@pytest.fixture(params=[True, False], ids=["body", "head"])
def slow(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A server that drips, and may be asked although it is here."""
    socketserver.ThreadingTCPServer.daemon_threads = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Drip) as server:
        server.behind = request.param  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        monkeypatch.setattr(public_hosts, "is_public", lambda _: True)
        monkeypatch.setattr(sources, "TIMEOUT_S", 0.5)
        yield server
        server.shutdown()


def test_a_server_that_drips_is_given_up(slow: Any) -> None:
    port = slow.server_address[1]
    downloader = Downloader(10**9, {port})
    try:
        with pytest.raises(PictureUnavailable, match=r"not there within 0\.5 s"):
            downloader.fetch(f"http://127.0.0.1:{port}/a.png")
    finally:
        downloader.close()
