"""Errors of the client: the service's problems by their status, each with its slug and its hint."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

    from seogo_client.core.types import FieldError

_PROBLEM = "urn:seogo:problem:"


class SeogoError(Exception):
    """Base of all errors of the client."""


class Unreachable(SeogoError):
    """The service gave no answer, however often it was asked."""


class ProblemError(SeogoError):
    """The service refused a request (RFC 9457).

    Attributes:
        status: Of HTTP.
        slug: Kind of the problem, such as bad-filter.
        detail: The reason.
        hint: What to do, empty where the service has no advice.
        errors: The parts of the request that are wrong, each with `path` and `reason`.
        request_id: By which the service's log has the request.
    """

    def __init__(
        self,
        status: int,
        slug: str,
        detail: str,
        hint: str = "",
        errors: list[FieldError] | None = None,
        request_id: str = "",
    ) -> None:
        self.status, self.slug, self.detail, self.hint = status, slug, detail, hint
        self.errors, self.request_id = errors or [], request_id
        wrong = [f"{one['path']}: {one['reason']}" for one in self.errors]
        super().__init__(". ".join(part.rstrip(".") for part in (detail, *wrong, hint) if part))


class BadRequest(ProblemError):
    """The request is not valid (400, 413, 415, 416)."""


class NotAdmitted(ProblemError):
    """A key is needed, or the one shown is not valid (401)."""


class NotAllowed(ProblemError):
    """The key may not do this (403)."""


class NotFound(ProblemError):
    """There is no such thing, or none that the key may see (404, 410)."""


class Conflict(ProblemError):
    """It cannot be done in the state that things are in (409)."""


class TooManyRequests(ProblemError):
    """The key has asked too often (429), however long the client waited."""


class Unavailable(ProblemError):
    """The service cannot answer now (5xx)."""


_BY_STATUS: dict[int, type[ProblemError]] = {
    **dict.fromkeys((400, 413, 415, 416, 422), BadRequest),
    401: NotAdmitted,
    403: NotAllowed,
    **dict.fromkeys((404, 410), NotFound),
    409: Conflict,
    429: TooManyRequests,
}


def problem_of(response: httpx.Response) -> ProblemError:
    """Build the error of an answer, which has been read; also of one that no service of ours gave."""
    status = response.status_code
    kind = _BY_STATUS.get(status, Unavailable if status >= 500 else ProblemError)
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        return kind(status, "unknown", f"HTTP {status}: {response.text[:200]}")
    return kind(
        status,
        str(body.get("type", "")).removeprefix(_PROBLEM),
        str(body.get("detail") or body.get("title") or f"HTTP {status}"),
        str(body.get("hint") or ""),
        body.get("errors"),
        str(body.get("request_id") or ""),
    )
