"""Transfer of answers: compressed where the client takes it, not at all where it has them already.

Litestar's own middleware compresses pictures, which are compressed, and holds streams of events back.
"""

import asyncio
import gzip
import re
from email.utils import parsedate_to_datetime
from hashlib import blake2b

from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPResponseStartEvent, Message, Receive, Scope, Send

from service.http import ranges

# gzip takes about 10 ms for a megabyte of JSON at this level, and makes it a sixth as large; level 9 takes
# four times as long for 4 % less.
LEVEL = 5
# A smaller answer fits into one packet as it is.
LEAST_BYTES = 1024
# Compressed beside the event loop, which others wait for.
LONG_BYTES = 64 << 10
# A larger file is passed on as it comes.
MOST_BYTES = 8 << 20
COMPRESSIBLE = re.compile(
    r"text/(?!event-stream)|application/([\w.-]+\+)?(json|xml|javascript)\b|image/svg"
)
_GZIP = re.compile(r"(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=([\d.]+))?\s*(?:,|$)")
# What a 304 must not say of a body that it does not have.
_OF_BODY = ("content-length", "content-type", "content-encoding")
_SHARED_BY = "Authorization, Cookie"


class Transfer:
    """Wraps the application: gzip, ETags of answers to GET, 304 for what the client has."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != ScopeType.HTTP or scope["method"] == "HEAD":
            await self._app(scope, receive, send)
            return
        answer = _HeldAnswer(scope["method"], Headers.from_scope(scope), send)
        await self._app(scope, receive, answer.send)


class _HeldAnswer:
    """One answer, held back until it is whole, if it is one that comes in one piece."""

    def __init__(self, method: str, asked: Headers, send: Send) -> None:
        self._asked = asked
        self._get = method == "GET"
        self._send = send
        self._start: HTTPResponseStartEvent | None = None
        self._pieces: list[bytes] = []
        self._size = 0

    async def send(self, message: Message) -> None:
        """Pass a message on, or keep it until the answer is whole."""
        if message["type"] == "http.response.start":
            if _is_ours(message):
                self._start = message
            else:
                await self._send(message)
            return
        if self._start is None or message["type"] != "http.response.body":
            await self._send(message)
            return
        self._pieces.append(message["body"])
        self._size += len(message["body"])
        if not message.get("more_body", False):
            await self._finish(self._start, b"".join(self._pieces))
        elif self._size > MOST_BYTES or _length(self._start) is None:
            start, self._start = self._start, None
            await self._send(start)
            await self._send({**message, "body": b"".join(self._pieces)})

    async def _finish(self, start: HTTPResponseStartEvent, body: bytes) -> None:
        headers = MutableScopeHeaders(start)
        if self._get and start["status"] == 200:
            self._identify(headers, body)
            if self._has(headers):
                for name in _OF_BODY:
                    if name in headers:
                        del headers[name]
                await self._send({**start, "status": 304})
                await self._send({"type": "http.response.body", "body": b"", "more_body": False})
                return
        if COMPRESSIBLE.match(headers.get("content-type", "")):
            _vary(headers, "Accept-Encoding")
            if len(body) >= LEAST_BYTES and _takes_gzip(self._asked.get("accept-encoding", "")):
                body = await _compressed(body)
                headers["Content-Encoding"] = "gzip"
                headers["Content-Length"] = str(len(body))
                if (tag := headers.get("etag", "")).startswith('"'):
                    headers["ETag"] = f"W/{tag}"  # other bytes than those it names
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body, "more_body": False})

    def _identify(self, headers: MutableScopeHeaders, body: bytes) -> None:
        """Give an answer an ETag of its content, by which the caller asks whether it is another now."""
        if "etag" not in headers and "no-store" not in headers.get("cache-control", ""):
            headers["ETag"] = f'W/"{blake2b(body, digest_size=16).hexdigest()}"'
            if "cache-control" not in headers:  # an answer to this caller alone
                headers["Cache-Control"] = "private, no-cache"
                _vary(headers, _SHARED_BY)

    def _has(self, headers: MutableScopeHeaders) -> bool:
        """Whether the client has this version: by ETag, or without one by date (RFC 9110, 13.2.2)."""
        if asked := self._asked.get("if-none-match"):
            return ranges.matches(asked, headers.get("etag", "").removeprefix("W/"))
        since, changed = self._asked.get("if-modified-since"), headers.get("last-modified")
        if not since or not changed:
            return False
        try:
            return parsedate_to_datetime(changed) <= parsedate_to_datetime(since)
        except (TypeError, ValueError):
            return False


def _vary(headers: MutableScopeHeaders, by: str) -> None:
    known = headers.get("vary")
    headers["Vary"] = f"{known}, {by}" if known else by


def _is_ours(start: HTTPResponseStartEvent) -> bool:
    """Whether an answer may be held back: not a stream of events, not what is encoded or is no text."""
    headers = MutableScopeHeaders(start)
    plain = "content-encoding" not in headers
    return plain and bool(COMPRESSIBLE.match(headers.get("content-type", "")) or "etag" in headers)


def _length(start: HTTPResponseStartEvent) -> str | None:
    return MutableScopeHeaders(start).get("content-length")


def _takes_gzip(accepted: str) -> bool:
    found = _GZIP.search(accepted.lower())
    return found is not None and float(found[1] or 1) > 0


async def _compressed(body: bytes) -> bytes:
    if len(body) < LONG_BYTES:
        return gzip.compress(body, LEVEL, mtime=0)
    return await asyncio.to_thread(gzip.compress, body, LEVEL, mtime=0)
