"""Where the bytes of pictures come from: texts in base64, names of files, public URLs."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import posixpath
import socket
import unicodedata
from collections import defaultdict
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Generic, TypeVar

import httpx

from encoders.errors import EncoderError

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")

TIMEOUT_S = 20.0
_URL_SAFE = str.maketrans("-_", "+/")


class PictureUnavailable(EncoderError):
    """The bytes of a picture cannot be had."""

    def __init__(self, reason: str) -> None:
        # The reason alone: it stands beside the picture's name wherever it is shown.
        Exception.__init__(self, reason)


def from_base64(text: str) -> bytes:
    """The bytes of base64, or of a data URL.

    It may be wrapped, in the alphabet of mail or of URLs, padded or not.

    Raises:
        PictureUnavailable: If it is neither.

    """
    plain = "".join((text.partition("base64,")[2] or text).split()).translate(_URL_SAFE).rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as exc:
        raise PictureUnavailable(f"not base64: {exc}") from exc


class FileNames(Generic[T]):
    """Files found by path or, where it is the only one of that name, by name.

    Nothing is guessed: no other ending, no other case, no pattern. Names are compared in Unicode's
    composed form, because some file systems keep them decomposed.
    """

    def __init__(self, files: Iterable[tuple[str, T]], where: str) -> None:
        """Index files.

        Args:
            files: Path with slashes, and what it stands for.
            where: What they lie in, for messages.

        """
        self._where = where
        self._by_path: dict[str, T] = {}
        self._by_name: dict[str, list[T]] = defaultdict(list)
        for path, file in files:
            self._by_path[_plain(path)] = file
            self._by_name[PurePosixPath(_plain(path)).name].append(file)

    def find(self, named: str) -> T:
        """The file that a record means.

        Raises:
            PictureUnavailable: If there is none, or several of that name.

        """
        wanted = _plain(named)
        if wanted in self._by_path:
            return self._by_path[wanted]
        same = self._by_name.get(PurePosixPath(wanted).name, [])
        if len(same) == 1:
            return same[0]
        if same:
            raise PictureUnavailable(f"{len(same)} files of that name {self._where}")
        raise PictureUnavailable(f"no such file among the {len(self._by_path):,} {self._where}")


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
            PictureUnavailable: If the URL leads nowhere or into a private network, the answer is no
                file, or the file is too large.

        """
        try:
            return self._fetched(httpx.URL(text))
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            raise PictureUnavailable(f"not fetched: {str(exc) or type(exc).__name__}") from exc

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
                raise PictureUnavailable(f"the server answered {response.status_code}")
            data = bytearray()
            for piece in response.iter_bytes():
                data += piece
                if len(data) > self._max_bytes:
                    raise PictureUnavailable(f"too-large: over {self._max_bytes:,} bytes")
        return bytes(data)


def public_address(url: httpx.URL) -> str:
    """The address of a URL's host, none of whose addresses leads into this machine's own network.

    Raises:
        PictureUnavailable: If the scheme is another than http(s), the host is unknown, or it has no
            public address.

    """
    if url.scheme not in ("http", "https") or not url.host:
        raise PictureUnavailable("only http and https URLs are fetched")
    try:
        found = socket.getaddrinfo(url.raw_host.decode("ascii"), None)
    except (OSError, UnicodeError) as exc:
        raise PictureUnavailable(f"unknown host {url.host}") from exc
    addresses = [ipaddress.ip_address(entry[4][0]) for entry in found]
    if not all(one.is_global and not one.is_multicast for one in addresses):
        raise PictureUnavailable(f"{url.host} has no public address")
    return str(addresses[0])


def _plain(path: str) -> str:
    """A path in composed letters, with slashes, without what leads nowhere: `a//b`, `./a`, `a/../b`."""
    return posixpath.normpath(unicodedata.normalize("NFC", path.replace("\\", "/")))
