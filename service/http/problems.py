"""Errors as application/problem+json (RFC 9457): one table from class to status."""

import logging
from http import HTTPStatus
from typing import NamedTuple

import psycopg
from litestar import Response
from litestar.exceptions import HTTPException, ValidationException
from msgspec import UNSET

import db.errors as db
from encoders.pictures.decoding import PictureInvalid
from encoders.pictures.sources import PictureUnavailable
from flows import errors as flows
from flows.documents.lines import DocumentUnreadable
from flows.evaluation.compare import NotComparable
from flows.guessing import NotGuessed
from service import errors
from service.auth.callers import AnyRequest
from service.http.access import request_id
from service.monitoring.schemas import FieldError, HealthCheck, Problem

log = logging.getLogger("seogo.service")

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = {"Retry-After": "5"}
NOT_ALLOWED = "This is not allowed"
NO_RIGHTS = "the database does not let you"
TIMED_OUT = "The query took too long"
TIME_LIMIT = "the database stopped the query at its time limit (SEOGO_STATEMENT_TIMEOUT_S)"
EXHAUSTED = "PostgreSQL has run out of space, memory or connections"
DATABASE = ("database-unavailable", "The database is not available")


class _Kind(NamedTuple):
    """A class of errors as HTTP has it; `detail` replaces a text that is not for callers."""

    cls: type[Exception]
    status: int
    slug: str
    title: str
    detail: str | None = None


# The first class that fits counts: the special before the general.
_KINDS = (
    _Kind(db.UnknownName, 404, "unknown-name", "There is nothing of that name"),
    _Kind(flows.NoSuchItem, 404, "unknown-item", "No such item"),
    _Kind(db.BadFilter, 400, "bad-filter", "The filter cannot be used"),
    _Kind(db.BadVector, 400, "bad-vector", "The query vector does not fit"),
    _Kind(db.BadRequest, 400, "bad-request", "The request cannot be carried out"),
    _Kind(NotComparable, 400, "bad-request", "The request cannot be carried out"),
    _Kind(flows.NoSuchPicture, 404, "unknown-picture", "No such picture"),
    _Kind(PictureInvalid, 400, "bad-picture", "The picture cannot be used"),
    _Kind(PictureUnavailable, 400, "bad-picture", "The picture cannot be used"),
    _Kind(errors.NoSuchAnalysis, 404, "unknown-analysis", "No such analysis"),
    _Kind(errors.NoSuchRun, 404, "unknown-run", "No such run or job"),
    _Kind(errors.NotOffered, 404, "not-offered", "This is not offered here"),
    _Kind(errors.Conflict, 409, "conflict", "Not in this state"),
    _Kind(flows.StaleEdit, 409, "stale-edit", "It was changed meanwhile"),
    _Kind(errors.RangeOutside, 416, "range-outside", "The file ends before the range begins"),
    _Kind(errors.NotAdmitted, 401, "not-admitted", "A valid API key is needed"),
    _Kind(errors.NotAllowed, 403, "not-allowed", NOT_ALLOWED),
    _Kind(errors.TooManyRequests, 429, "too-many-requests", "Too many requests"),
    _Kind(errors.TooMuchMemory, 413, "request-entity-too-large", "It is too large"),
    _Kind(errors.Overloaded, 503, "overloaded", "Too much to do now"),
    _Kind(flows.CursorExpired, 410, "cursor-expired", "The cursor has expired"),
    _Kind(DocumentUnreadable, 400, "bad-document", "The document cannot be read"),
    _Kind(NotGuessed, 400, "not-guessed", "The product or view cannot be guessed"),
    _Kind(flows.NoLegLeft, 503, "no-leg-left", "No leg can be run now"),
    _Kind(flows.LegUnavailable, 503, "encoder-unavailable", "The encoder is unavailable now"),
    _Kind(db.SchemaOutdated, 503, "schema-outdated", "The database schema does not fit"),
    _Kind(psycopg.errors.QueryCanceled, 503, "statement-timeout", TIMED_OUT, TIME_LIMIT),
    _Kind(psycopg.errors.InsufficientPrivilege, 403, "not-allowed", NOT_ALLOWED, NO_RIGHTS),
    _Kind(psycopg.errors.ReadOnlySqlTransaction, 403, "not-allowed", NOT_ALLOWED, NO_RIGHTS),
    _Kind(psycopg.errors.ProgramLimitExceeded, 400, "bad-data", "The data cannot be used"),
    _Kind(psycopg.DataError, 400, "bad-data", "The data cannot be used"),
    _Kind(db.ShardUnavailable, 503, "shard-unavailable", "A shard does not answer"),
    _Kind(db.ServerUnreachable, 503, *DATABASE, "PostgreSQL does not answer"),
    _Kind(db.ServerExhausted, 503, *DATABASE, EXHAUSTED),
    _Kind(db.EmbeddedUnavailable, 503, *DATABASE, "the embedded PostgreSQL does not start"),
    _Kind(psycopg.OperationalError, 503, *DATABASE, "PostgreSQL could not serve the request now"),
    _Kind(RecursionError, 400, "bad-json", "The body cannot be read", "JSON nested too deeply"),
    _Kind(UnicodeDecodeError, 400, "bad-json", "The body cannot be read", "the body is not UTF-8"),
)


class NotReady(Exception):
    """Something the service needs is missing."""

    def __init__(self, checks: list[HealthCheck]) -> None:
        super().__init__("; ".join(f"{one.name}: {one.detail}" for one in checks if not one.ok))
        self.checks = checks


def problem_of(request: AnyRequest, exc: Exception) -> Problem:
    """The problem that an exception is, whichever it is."""
    if isinstance(exc, NotReady):
        return Problem(_urn("not-ready"), "Not ready", 503, str(exc), checks=exc.checks)
    if isinstance(exc, HTTPException) and exc.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return _http(exc)
    if kind := next((kind for kind in _KINDS if isinstance(exc, kind.cls)), None):
        return _known(kind, exc)
    return _internal(request, exc)


def respond(request: AnyRequest, exc: Exception) -> Response[Problem]:
    """The response to an exception, whichever it is."""
    headers = _headers(exc)
    problem = problem_of(request, exc)
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers = RETRY_AFTER
        log.warning("%s: %s", problem.type, exc)
    return Response(
        problem, status_code=problem.status, media_type=MEDIA_TYPE, headers=dict(headers)
    )


def _headers(exc: Exception) -> dict[str, str]:
    match exc:
        case errors.TooManyRequests():
            return {"Retry-After": str(exc.wait_s)}
        case errors.NotAdmitted():
            return {"WWW-Authenticate": 'Bearer realm="seogo"'}
        case errors.RangeOutside():
            return {"Content-Range": f"bytes */{exc.size}"}
        case HTTPException():
            return dict(exc.headers or {})
        case _:
            return {}


def _urn(slug: str) -> str:
    return f"urn:seogo:problem:{slug}"


def _known(kind: _Kind, exc: Exception) -> Problem:
    detail = kind.detail
    if detail is None and isinstance(exc, psycopg.Error):
        detail = exc.diag.message_primary
    hint = getattr(exc, "hint", None) or UNSET
    return Problem(_urn(kind.slug), kind.title, kind.status, detail or str(exc), hint)


def _http(exc: HTTPException) -> Problem:
    status = HTTPStatus(exc.status_code)
    hint = "The shape of every request and answer is documented under /docs."
    if parts := _field_errors(exc):
        detail = "; ".join(f"{one.path}: {one.reason}" for one in parts)
        title = "The request is not valid"
        return Problem(_urn("invalid-request"), title, status, detail, hint, parts)
    slug = status.phrase.lower().replace(" ", "-")
    return Problem(_urn(slug), status.phrase, status, exc.detail, hint)


def _field_errors(exc: HTTPException) -> list[FieldError]:
    if not isinstance(exc, ValidationException) or not isinstance(exc.extra, list):
        return []
    # The handler's parameter is called `data`; callers know it as the body.
    return [
        FieldError(
            "body" if one.get("key") in (None, "data") else str(one["key"]), str(one.get("message"))
        )
        for one in exc.extra
        if isinstance(one, dict)
    ]


def _internal(request: AnyRequest, exc: Exception) -> Problem:
    """A mistake of ours: the details go to the log, the caller gets the id to find them by."""
    key = request_id(request.scope)
    log.error("request %s failed", key, exc_info=exc)
    detail = "the service made a mistake; its log has the details"
    hint = f"Report it with the request id {key}."
    return Problem(_urn("internal"), "Internal error", 500, detail, hint, request_id=key)
