"""Client of Seogo: search, ask, read and write collections, in Python, at once or asynchronously."""

from seogo_client.asynchronous import AsyncCollection, AsyncSeogo
from seogo_client.calls import Event, Form, Retries
from seogo_client.errors import (
    BadRequest,
    Conflict,
    NotAdmitted,
    NotAllowed,
    NotFound,
    ProblemError,
    SeogoError,
    TooManyRequests,
    Unavailable,
    Unreachable,
)
from seogo_client.synchronous import Collection, Seogo

__all__ = [
    "AsyncCollection",
    "AsyncSeogo",
    "BadRequest",
    "Collection",
    "Conflict",
    "Event",
    "Form",
    "NotAdmitted",
    "NotAllowed",
    "NotFound",
    "ProblemError",
    "Retries",
    "Seogo",
    "SeogoError",
    "TooManyRequests",
    "Unavailable",
    "Unreachable",
]
