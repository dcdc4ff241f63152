"""Wrappers that keep the lexical indexes in shape."""

from __future__ import annotations

import msgspec

from db.calls.query import Query


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """A lexical index: its id, its collection, and whether it is live or being built."""

    id: int
    collection: str
    status: str


class MergeStep(msgspec.Struct, frozen=True, kw_only=True):
    """What one step of a merge did: lexemes looked at (0 = the pass is over) and rewritten."""

    looked: int
    rewritten: int


class Value(msgspec.Struct, frozen=True):
    """A single value."""

    value: int | None


def indexes() -> Query[Index]:
    """All lexical indexes, those being built first."""
    return Query(
        "SELECT x.id, c.name AS collection, x.status FROM core.lexical_index AS x"
        " JOIN core.collection AS c ON c.id = x.collection_id ORDER BY x.status, c.name",
        {},
        Index,
    )


def build_step(*, index_id: int, after_id: int, batch_n: int) -> Query[Value]:
    """`impl.lexical_build_step`; the value is the last item id, None at the end."""
    return Query(
        "SELECT impl.lexical_build_step(%(index_id)s, %(after_id)s, %(batch_n)s) AS value",
        {"index_id": index_id, "after_id": after_id, "batch_n": batch_n},
        Value,
    )


def swap(*, index_id: int) -> Query[Value]:
    """`impl.lexical_swap`; the value is the number of items it had to mend."""
    return Query("SELECT impl.lexical_swap(%(index_id)s) AS value", {"index_id": index_id}, Value)


def mend(*, index_id: int) -> Query[Value]:
    """`impl.lexical_mend`; the value is the number of items written while triggers were off."""
    return Query("SELECT impl.lexical_mend(%(index_id)s) AS value", {"index_id": index_id}, Value)


def merge_step(*, index_id: int, lexeme_n: int = 500) -> Query[MergeStep]:
    """`impl.merge_postings`."""
    return Query(
        "SELECT * FROM impl.merge_postings(%(index_id)s, %(lexeme_n)s)",
        {"index_id": index_id, "lexeme_n": lexeme_n},
        MergeStep,
    )


def merge_segments(*, index_id: int) -> Query[Value]:
    """`impl.merge_segments`."""
    return Query(
        "SELECT 0 AS value FROM impl.merge_segments(%(index_id)s)", {"index_id": index_id}, Value
    )
