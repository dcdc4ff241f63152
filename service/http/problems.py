"""Every error as application/problem+json (RFC 9457): one mapping from class to status."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

import psycopg
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from msgspec import UNSET

from db.errors import (
    BadFilter,
    BadRequest,
    BadVector,
    EmbeddedUnavailable,
    SchemaOutdated,
    ServerExhausted,
    ServerUnreachable,
    UnknownName,
)
from encoders.pictures.decoding import PictureInvalid
from encoders.pictures.sources import PictureUnavailable
from service.errors import (
    Conflict,
    LegUnavailable,
    NoLegLeft,
    NoSuchAnalysis,
    NoSuchItem,
    NoSuchPicture,
    NoSuchRun,
    NotAdmitted,
    NotAllowed,
    Overloaded,
    RangeOutside,
    TooManyRequests,
    TooMuchMemory,
)
from service.http.access import request_id
from service.monitoring.schemas import Check, FieldError, Problem

log = logging.getLogger("seogo.service")

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = {"Retry-After": "5"}


class _Kind(NamedTuple):
    """What a class of errors is over HTTP; `detail` replaces a text that is not for callers."""

    cls: type[Exception]
    status: int
    slug: str
    title: str
    detail: str | None = None


# The first class that fits counts: the special before the general.
_KINDS = (
    _Kind(UnknownName, 404, "unknown-name", "There is nothing of that name"),
    _Kind(NoSuchItem, 404, "unknown-item", "No such item"),
    _Kind(BadFilter, 400, "bad-filter", "The filter cannot be used"),
    _Kind(BadVector, 400, "bad-vector", "The query vector does not fit"),
    _Kind(BadRequest, 400, "bad-request", "The request cannot be carried out"),
    _Kind(NoSuchPicture, 404, "unknown-picture", "No such picture"),
    _Kind(PictureInvalid, 400, "bad-picture", "The picture cannot be used"),
    _Kind(PictureUnavailable, 400, "bad-picture", "The picture cannot be used"),
    _Kind(NoSuchAnalysis, 404, "unknown-analysis", "No such analysis"),
    _Kind(NoSuchRun, 404, "unknown-run", "No such run or job"),
    _Kind(Conflict, 409, "conflict", "Not in this state"),
    _Kind(RangeOutside, 416, "range-outside", "The file ends before the range begins"),
    _Kind(NotAdmitted, 401, "not-admitted", "A valid API key is needed"),
    _Kind(NotAllowed, 403, "not-allowed", "This is not allowed"),
    _Kind(TooManyRequests, 429, "too-many-requests", "Too many requests"),
    _Kind(TooMuchMemory, 413, "request-entity-too-large", "It is too large"),
    _Kind(Overloaded, 503, "overloaded", "Too much to do now"),
    _Kind(NoLegLeft, 503, "no-leg-left", "No leg can be run now"),
    _Kind(LegUnavailable, 503, "encoder-unavailable", "The encoder cannot be had now"),
    _Kind(SchemaOutdated, 503, "schema-outdated", "The database schema does not fit"),
    _Kind(
        psycopg.errors.QueryCanceled,
        503,
        "statement-timeout",
        "The query took too long",
        "the database stopped the query at its time limit (SEOGO_STATEMENT_TIMEOUT_S)",
    ),
    *(
        _Kind(cls, 403, "not-allowed", "This is not allowed", "the database does not let you")
        for cls in (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)
    ),
    _Kind(psycopg.errors.ProgramLimitExceeded, 400, "bad-data", "The data cannot be used"),
    _Kind(psycopg.DataError, 400, "bad-data", "The data cannot be used"),
    *(
        _Kind(cls, 503, "database-unavailable", "The database is not available", text)
        for cls, text in (
            (ServerUnreachable, "PostgreSQL does not answer"),
            (ServerExhausted, "PostgreSQL has run out of space, memory or connections"),
            (EmbeddedUnavailable, "the embedded PostgreSQL does not start"),
            (psycopg.OperationalError, "PostgreSQL could not serve the request now"),
        )
    ),
    _Kind(RecursionError, 400, "bad-json", "The body cannot be read", "JSON nested too deeply"),
    _Kind(UnicodeDecodeError, 400, "bad-json", "The body cannot be read", "the body is not UTF-8"),
)


class NotReady(Exception):
    """Something the service needs is missing."""

    def __init__(self, checks: list[Check]) -> None:
        super().__init__(self.__doc__)
        self.checks = checks


def respond(request: Request[Any, Any, Any], exc: Exception) -> Response[Problem]:
    """The response to an exception, whichever it is."""
    headers = _headers(exc)
    if isinstance(exc, NotReady):
        problem = _not_ready(exc)
    elif isinstance(exc, HTTPException) and exc.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        problem, headers = _http(exc), exc.headers or {}
    elif kind := next((kind for kind in _KINDS if isinstance(exc, kind.cls)), None):
        problem = _known(kind, exc)
    else:
        problem = _internal(request, exc)
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers = RETRY_AFTER
        log.warning("%s: %s", problem.type, exc)
    return Response(
        problem, status_code=problem.status, media_type=MEDIA_TYPE, headers=dict(headers)
    )


def _headers(exc: Exception) -> Mapping[str, str]:
    match exc:
        case TooManyRequests():
            return {"Retry-After": str(exc.wait_s)}
        case NotAdmitted():
            return {"WWW-Authenticate": 'Bearer realm="seogo"'}
        case RangeOutside():
            return {"Content-Range": f"bytes */{exc.size}"}
        case _:
            return {}


def _urn(slug: str) -> str:
    return f"urn:seogo:problem:{slug}"


def _known(kind: _Kind, exc: Exception) -> Problem:
    detail = kind.detail
    if detail is None and isinstance(exc, psycopg.Error):
        detail = exc.diag.message_primary
    hint = getattr(exc, "hint", None) or UNSET
    return Problem(
        type=_urn(kind.slug),
        title=kind.title,
        status=kind.status,
        detail=detail or str(exc),
        hint=hint,
    )


def _http(exc: HTTPException) -> Problem:
    status = HTTPStatus(exc.status_code)
    errors = _field_errors(exc)
    detail = "; ".join(f"{e.path}: {e.reason}" for e in errors) or exc.detail
    slug = "invalid-request" if errors else status.phrase.lower().replace(" ", "-")
    hint = "The shape of every request and answer is documented under /docs."
    return Problem(
        type=_urn(slug),
        title="The request is not valid" if errors else status.phrase,
        status=status,
        detail=detail,
        hint=hint,
        errors=errors or UNSET,
    )


def _field_errors(exc: HTTPException) -> list[FieldError]:
    if not isinstance(exc, ValidationException) or not isinstance(exc.extra, list):
        return []
    found = [e for e in exc.extra if isinstance(e, dict)]
    # The handler's parameter is called `data`; callers know it as the body.
    paths = ["body" if e.get("key") in (None, "data") else str(e["key"]) for e in found]
    return [
        FieldError(path=path, reason=str(e.get("message")))
        for path, e in zip(paths, found, strict=True)
    ]


def _not_ready(exc: NotReady) -> Problem:
    missing = [f"{c.name}: {c.detail}" for c in exc.checks if not c.ok]
    return Problem(
        type=_urn("not-ready"),
        title="Not ready",
        status=503,
        detail="; ".join(missing),
        checks=exc.checks,
    )


def _internal(request: Request[Any, Any, Any], exc: Exception) -> Problem:
    """A mistake of ours: the details go to the log, the caller gets the key to find them."""
    key = request_id(request.scope)
    log.error("request %s failed", key, exc_info=exc)
    return Problem(
        type=_urn("internal"),
        title="Internal error",
        status=500,
        detail="the service made a mistake; its log has the details",
        hint=f"Report it with the request id {key}.",
        request_id=key,
    )
