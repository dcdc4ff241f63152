"""Sources of picture bytes: base64, file names, public URLs."""

from __future__ import annotations

import asyncio
import base64
import binascii
import posixpath
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePosixPath
from typing import Generic, TypeVar

import httpx

from encoders.errors import EncoderError
from encoders.pictures import public_hosts

T = TypeVar("T")

TIMEOUT_S = 20.0
PORTS = frozenset({80, 443})
_URL_SAFE = str.maketrans("-_", "+/")


class PictureUnavailable(EncoderError):
    """The bytes of a picture are unavailable."""

    def __init__(self, reason: str) -> None:
        # The reason alone: it stands beside the picture's name wherever it is shown.
        Exception.__init__(self, reason)


def from_base64(text: str) -> bytes:
    """Decode base64 or a data URL.

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
    """Files found by path, by the end of their path, or by name, each where only one fits.

    So folders above what records name do not matter: `Q1/a.png` is found as `2024/03/15/Q1/a.png`. Nothing
    is guessed: no other ending, no other case, no pattern. Names are compared in Unicode's composed form,
    because some file systems keep them decomposed.
    """

    def __init__(self, files: Iterable[tuple[str, T]], where: str) -> None:
        """Index files.

        Args:
            files: Path with slashes, and what it stands for.
            where: What they lie in, for messages.
        """
        self._where = where
        self._by_path: dict[str, T] = {}
        self._by_name: dict[str, list[tuple[str, T]]] = defaultdict(list)
        for path, file in files:
            plain = _plain(path)
            self._by_path[plain] = file
            self._by_name[PurePosixPath(plain).name].append((f"/{plain}", file))

    def find(self, named: str) -> T:
        """Look up a file by the path or name in a record.

        Raises:
            PictureUnavailable: If there is none, or several fit.
        """
        wanted = _plain(named)
        if wanted in self._by_path:
            return self._by_path[wanted]
        same = self._by_name.get(PurePosixPath(wanted).name, [])
        within = [one for one in same if one[0].endswith(f"/{wanted.lstrip('/')}")]
        if len(within) == 1 or len(same) == 1:
            return (within or same)[0][1]
        if same:
            by_path = len(within) if "/" in wanted else 0
            what = f"{by_path} files of that path" if by_path else f"{len(same)} files of that name"
            raise PictureUnavailable(f"{what} {self._where}")
        raise PictureUnavailable(f"no such file among the {len(self._by_path):,} {self._where}")


class Downloader:
    """Fetches files up to a size; follows no redirects. May be used by several threads."""

    def __init__(self, max_bytes: int, ports: Collection[int] = PORTS) -> None:
        """Prepare.

        Args:
            max_bytes: The largest file.
            ports: Those of servers that may be asked.
        """
        self._max_bytes = max_bytes
        self._ports = ports
        self._trusted = httpx.create_ssl_context()
        # Looking up a name cannot be given up: who waits for it can.
        self._names = ThreadPoolExecutor(4, thread_name_prefix="seogo-names")

    def close(self) -> None:
        """Stop the threads."""
        self._names.shutdown(wait=False, cancel_futures=True)

    def fetch(self, text: str) -> bytes:
        """Fetch a file, within `TIMEOUT_S` for all of it: however slowly it drips.

        Raises:
            PictureUnavailable: If the URL leads nowhere or into a private network, the answer is no
                file, the file is too large, or it takes too long.
        """
        try:
            return asyncio.run(self._within(httpx.URL(text)))
        except TimeoutError as exc:
            raise PictureUnavailable(f"not fetched: not there within {TIMEOUT_S:g} s") from exc
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            raise PictureUnavailable(f"not fetched: {str(exc) or type(exc).__name__}") from exc

    async def _within(self, url: httpx.URL) -> bytes:
        async with asyncio.timeout(TIMEOUT_S):
            loop = asyncio.get_running_loop()
            # Asked by the address that was checked: the name might lead elsewhere a moment later.
            address = await loop.run_in_executor(self._names, public_address, url, self._ports)
            async with httpx.AsyncClient(
                timeout=TIMEOUT_S, follow_redirects=False, verify=self._trusted
            ) as client:
                return await self._fetched(client, url, address)

    async def _fetched(self, client: httpx.AsyncClient, url: httpx.URL, address: str) -> bytes:
        async with client.stream(
            "GET",
            url.copy_with(host=address),
            # Packed, it could become far more than its bytes.
            headers={"Host": url.netloc.decode("ascii"), "Accept-Encoding": "identity"},
            extensions={"sni_hostname": url.raw_host.decode("ascii")},
        ) as response:
            if response.status_code != httpx.codes.OK:
                raise PictureUnavailable(f"the server answered {response.status_code}")
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                raise PictureUnavailable("the server packs what it sends")
            data = bytearray()
            async for piece in response.aiter_raw():
                data += piece
                if len(data) > self._max_bytes:
                    raise PictureUnavailable(f"too-large: over {self._max_bytes:,} bytes")
        return bytes(data)


def public_address(url: httpx.URL, ports: Collection[int] = PORTS) -> str:
    """Public address of a URL's host; refused if any of its addresses is private.

    Raises:
        PictureUnavailable: If the scheme is another than http(s), or the port another than one of
            `ports`, the host is unknown, or it has no public address.
    """
    if url.scheme not in ("http", "https") or not url.host:
        raise PictureUnavailable("only http and https URLs are fetched")
    found = public_hosts.addresses(url.raw_host.decode("ascii").partition("%")[0])
    if not found:
        raise PictureUnavailable(f"unknown host {url.host}")
    if not all(map(public_hosts.is_public, found)):
        raise PictureUnavailable(f"{url.host} has no public address")
    port = url.port or (443 if url.scheme == "https" else 80)
    if port not in ports:
        allowed = ", ".join(map(str, sorted(ports)))
        raise PictureUnavailable(f"port {port} is not allowed; allowed: {allowed}")
    return str(found[0])


def _plain(path: str) -> str:
    """A path in composed letters, with slashes, without what leads nowhere: `a//b`, `./a`, `a/../b`."""
    return posixpath.normpath(unicodedata.normalize("NFC", path.replace("\\", "/")))
