"""Pictures fetched by URL, from public addresses only."""

from __future__ import annotations

import ipaddress
import socket

import httpx

from jobs.errors import JobError

TIMEOUT_S = 20.0


class MediaUnavailable(JobError):
    """The bytes of a picture cannot be had."""


class Downloader:
    """Fetches files up to a size; follows no redirects. May be used by several threads."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._client = httpx.Client(timeout=TIMEOUT_S, follow_redirects=False)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def fetch(self, text: str) -> bytes:
        """Fetch a file.

        Raises:
            MediaUnavailable: the URL leads nowhere or into a private network, the answer is no file,
                or the file is too large.
        """
        try:
            return self._fetched(httpx.URL(text))
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            raise MediaUnavailable(f"not fetched: {str(exc) or type(exc).__name__}") from exc

    def _fetched(self, url: httpx.URL) -> bytes:
        # Asked by the address that was checked: the name might lead elsewhere a moment later.
        address = public_address(url)
        with self._client.stream(
            "GET",
            url.copy_with(host=address),
            headers={"Host": url.netloc.decode("ascii")},
            extensions={"sni_hostname": url.raw_host.decode("ascii")},
        ) as response:
            if response.status_code != httpx.codes.OK:
                raise MediaUnavailable(f"the server answered {response.status_code}")
            data = bytearray()
            for piece in response.iter_bytes():
                data += piece
                if len(data) > self._max_bytes:
                    raise MediaUnavailable(f"too-large: over {self._max_bytes:,} bytes")
        return bytes(data)


def public_address(url: httpx.URL) -> str:
    """The address of a URL's host, none of whose addresses leads into this machine's own network.

    Raises:
        MediaUnavailable: another scheme than http(s), an unknown host, or one without a public address.
    """
    if url.scheme not in ("http", "https") or not url.host:
        raise MediaUnavailable("only http and https URLs are fetched")
    try:
        found = socket.getaddrinfo(url.raw_host.decode("ascii"), None)
    except (OSError, UnicodeError) as exc:
        raise MediaUnavailable(f"unknown host {url.host}") from exc
    addresses = [ipaddress.ip_address(entry[4][0]) for entry in found]
    if not all(one.is_global and not one.is_multicast for one in addresses):
        raise MediaUnavailable(f"{url.host} has no public address")
    return str(addresses[0])
