"""Bodies of requests: their size and memory checked first, then decoded strictly."""

import re
from collections.abc import Hashable
from functools import cache
from typing import Any, TypeVar, cast

import msgspec
from litestar import Request
from litestar.enums import RequestEncodingType
from litestar.exceptions import HTTPException, ValidationException
from litestar.handlers import BaseRouteHandler
from litestar.params import BodyKwarg

from db.errors import BadRequest
from inputs.values import number
from service.auth.callers import AnyRequest, Connection
from service.http.presence import current_visit
from service.limits.budget import UNCOUNTED, Budget, Piece
from service.limits.lanes import Lanes

T = TypeVar("T")

SMALL = 4 * 1024 * 1024
# A search without its picture.
QUESTION = 256 * 1024
# What a text takes of memory, at most, per byte of UTF-8; twice, because it is encoded again.
_PER_BYTE = 4
# What an object, a list, a key or a value takes beside its text.
_PER_PART = 96
_PARTS = (b"{", b"[", b",", b":")

_PATH = re.compile(r" - at `\$(?:\.(.+))?(.*)`$")


class Bodies:
    """Reads bodies within the memory budget."""

    def __init__(self, budget: Budget, lanes: Lanes) -> None:
        self._budget = budget
        self._lanes = lanes

    async def guard(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """Read the body of a request whose caller is known; then wait for its turn.

        Raises:
            HTTPException: it is compressed, too large, not declared as what the handler takes, or
                empty where JSON should be.
            TooMuchMemory: what it would become is too large.
            Overloaded: there is no memory for it, or no turn, now.
        """
        check_encoding(connection)
        kind = handler.opt.get("body", "small")
        if kind in ("stream", "endless") or handler.opt.get("needs") == "nothing":
            return
        request: AnyRequest = connection  # type: ignore[assignment]
        declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        check_declared(declared, handler)
        if declared == RequestEncodingType.JSON:
            await self._json(request, kind)
        elif declared == RequestEncodingType.MULTI_PART:
            self._count(self._budget.counter(None))  # texts and small files are kept in memory
            await request.form()
        await self._lanes.begin()

    async def _json(self, request: AnyRequest, kind: str) -> None:
        self._count(self._budget.counter(SMALL if kind == "small" else None))
        body = await request.body()
        if not body.strip():
            raise invalid("body", "it is empty: send JSON")
        if kind == "picture" and len(body) > QUESTION:
            check_question(body)
        if (weighs := weight(body)) > UNCOUNTED:
            await self._budget.keep(weighs)

    @staticmethod
    def _count(piece: Piece) -> None:
        if (visit := current_visit()) is not None:
            visit.on_piece = piece


class JsonRequest(Request[Any, Any, Any]):
    """Decodes JSON as the type that the handler declares, strictly: `"5"` is no number."""

    async def json(self) -> Any:
        """The body as the handler's `data`.

        Raises:
            ValidationException: it is not what it should be.
        """
        kind = self.route_handler.parsed_fn_signature.parameters["data"].annotation
        return decode_body(await self.body(), kind)


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, float_hook=number)


def decode_json(request: str, kind: type[T]) -> T:
    """Decode the JSON that a form has beside its file.

    Raises:
        BadRequest: it is not the JSON that it should be, or too long.
    """
    if len(request) > QUESTION:
        raise BadRequest(f"request: {len(request):,} characters; {QUESTION:,} are allowed")
    try:
        found: T = _decoder(cast(Hashable, kind)).decode(request)
    except msgspec.DecodeError as exc:
        raise BadRequest(f"request: {exc}", "It is JSON; see /docs for its keys.") from exc
    return found


def decode_body(body: bytes, kind: type[T]) -> T:
    """Decode the JSON body of a handler that takes other bodies, too.

    Raises:
        ValidationException: it is not what it should be.
        HTTPException: it is no JSON.
    """
    try:
        found: T = _decoder(cast(Hashable, kind)).decode(body)
    except msgspec.ValidationError as exc:
        place = _PATH.search(str(exc))
        path = "" if place is None else (place[1] or "") + place[2]
        raise invalid(path or "body", str(exc).partition(" - at `")[0]) from exc
    except msgspec.DecodeError as exc:
        raise HTTPException(f"the body is not JSON: {exc}", status_code=400) from exc
    return found


def invalid(path: str, reason: str) -> ValidationException:
    """The error for a part of a request that is wrong."""
    return ValidationException(extra=[{"key": path, "message": reason}])


def check_encoding(connection: Connection) -> None:
    """Refuse compressed bodies: what they become is not known before it is there.

    Raises:
        HTTPException: it is compressed.
    """
    coding = connection.headers.get("content-encoding", "").strip().lower()
    if coding not in ("", "identity"):
        raise HTTPException(
            f"bodies are taken as they are, not with Content-Encoding: {coding}",
            status_code=415,
            headers={"Accept-Encoding": "identity"},
        )


def check_declared(declared: str, handler: BaseRouteHandler) -> None:
    """Refuse bodies that are not declared as what the handler takes: JSON, or a form with files.

    A page of any other site can make a browser post a form or plain text here, but not JSON: for
    that the browser asks us first, and we do not allow it.

    Raises:
        HTTPException: it is declared as something else, or not at all.
    """
    data = handler.parsed_fn_signature.parameters.get("data")
    if data is not None and isinstance(data.kwarg_definition, BodyKwarg):
        taken = RequestEncodingType(data.kwarg_definition.media_type).value
        if declared != taken:
            raise HTTPException(f"send the body with Content-Type: {taken}", status_code=415)


def weight(body: bytes) -> int:
    """Bytes of memory that a JSON body takes at most, once decoded."""
    parts = sum(body.count(part) for part in _PARTS)
    plain = body.isascii() and b"\\u" not in body
    return (1 if plain else _PER_BYTE) * len(body) + _PER_PART * parts


class _LargePicture(msgspec.Struct):
    """The part of a search that may be large."""

    base64: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class _LargeSearch(msgspec.Struct):
    picture: _LargePicture | None = None


def check_question(body: bytes) -> None:
    """Refuse a search that is large without its picture.

    Raises:
        HTTPException: it is.
    """
    try:
        picture = msgspec.json.decode(body, type=_LargeSearch).picture
    except (msgspec.DecodeError, UnicodeDecodeError):
        picture = None  # if it is small enough, decoding it says what is wrong
    raw = b"" if picture is None or picture.base64 is msgspec.UNSET else bytes(picture.base64)
    if (size := len(body) - len(raw)) > QUESTION:
        raise HTTPException(
            f"a search has at most {QUESTION:,} bytes beside its picture; this one has {size:,}",
            status_code=413,
        )
