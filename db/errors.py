"""Errors of the database, by SQLSTATE."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from db import constraints

if TYPE_CHECKING:
    from collections.abc import Iterator

from contextlib import contextmanager


class SeogoDbError(Exception):
    """The database could not carry out the request."""

    def __init__(self, message: str | None = None, hint: str | None = None) -> None:
        super().__init__(message or self.__doc__)
        self.hint = hint


class BadSettings(SeogoDbError):
    """A setting has a value that cannot be used."""


class ServerUnreachable(SeogoDbError):
    """PostgreSQL does not answer."""


class ServerExhausted(SeogoDbError):
    """PostgreSQL has run out of disk space, memory or connections."""


class EmbeddedUnavailable(SeogoDbError):
    """The embedded PostgreSQL cannot be used here."""


class SchemaOutdated(SeogoDbError):
    """The database schema is older than this program: run `seogo db upgrade`."""


class BadRequest(SeogoDbError):
    """The SQL functions refused the arguments."""


class ShardUnavailable(SeogoDbError):
    """A shard of the collection does not answer."""


class UnknownName(BadRequest):
    """There is no collection, space or item of that name."""


class BadFilter(BadRequest):
    """The filter is neither a JSON object nor a jsonpath predicate."""


class BadVector(BadRequest):
    """The query vector does not fit the space."""


# Our own SQLSTATEs (class SG), raised by sql/.
_BY_STATE: dict[str, type[SeogoDbError]] = {
    "SG001": UnknownName,
    "SG002": BadFilter,
    "SG003": BadVector,
    "SG004": BadRequest,
    "SG005": ShardUnavailable,
    # A filter that fails on what an item has; impl.parse_filter refuses those that we know of.
    "0A000": BadFilter,
    **{f"2203{end}": BadFilter for end in "0123456789ABCDEFG"},
    "2201B": BadFilter,
    "22003": BadRequest,  # a number out of range
    "23505": BadRequest,
    "23514": BadRequest,
    "22007": BadRequest,  # no date
    "22008": BadRequest,  # a date out of range
    "22P02": BadRequest,  # a text that is no such value, NaN in a vector among them
    "2201W": BadRequest,  # a negative LIMIT
    "2201X": BadRequest,  # a negative OFFSET
    "3F000": SchemaOutdated,
    "42704": SchemaOutdated,  # a type: pgvector has moved to another schema
    "42P01": SchemaOutdated,
    "42883": SchemaOutdated,
}


@contextmanager
def translated() -> Iterator[None]:
    """Turn psycopg errors into ours, keeping the server's message and hint."""
    try:
        yield
    except psycopg.Error as exc:
        kind = _BY_STATE.get(exc.sqlstate or "")
        if kind is SchemaOutdated:
            raise SchemaOutdated(
                f"the schema does not fit this program ({exc.diag.message_primary})",
                "run `seogo db upgrade`",
            ) from exc
        if kind is not None:
            message = constraints.describe_violation(exc) or exc.diag.message_primary
            raise kind(message, exc.diag.message_hint) from exc
        if isinstance(exc, psycopg.OperationalError) and _connection_lost(exc):
            raise ServerUnreachable(
                f"PostgreSQL does not answer: {str(exc).strip()}",
                "check SEOGO_DATABASE_URL, or that the server runs (`seogo db status`)",
            ) from exc
        if (exc.sqlstate or "").startswith("53"):
            raise ServerExhausted(
                f"PostgreSQL has run out of something: {exc.diag.message_primary}",
                "give it room; what is committed is kept, and the same command goes on from there",
            ) from exc
        raise


def _connection_lost(exc: psycopg.OperationalError) -> bool:
    # No SQLSTATE: the failure is the client's (refused, reset); 08 and 57P: the server's word for it.
    return exc.sqlstate is None or exc.sqlstate.startswith(("08", "57P"))
