"""Query sets, judgments and answers in and out of the database, many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from psycopg.types.json import Jsonb

from db.calls.query import Count, Query
from db.evaluation.rows import (
    Cut,
    Document,
    Judgment,
    QuerySet,
    Ranking,
    Refused,
    Title,
    VectorWanted,
    Written,
)
from db.evaluation.rows import Query as QueryRow
from db.sqlfiles import statements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.evaluation.rows import QueryIn


class Name(msgspec.Struct, frozen=True):
    """A name that is there."""

    name: str


def put_set(*, name: str, about: str = "") -> Query[QuerySet]:
    """Make a query set, or find it."""
    return Query(statements("eval")["put_set"], {"name": name, "about": about}, QuerySet)


def put_queries(*, set_id: int, queries: Sequence[QueryIn]) -> Query[Written]:
    """Write queries; an external_id that is there is changed."""
    rows = Jsonb(list(queries), dumps=msgspec.json.encode)
    return Query(statements("eval")["put_queries"], {"set_id": set_id, "rows": rows}, Written)


def drop_judgments(*, set_id: int, source: str) -> Query[Count]:
    """Delete the judgments of a source."""
    params = {"set_id": set_id, "source": source}
    return Query(statements("eval")["drop_judgments"], params, Count)


def put_judgments(
    *,
    set_id: int,
    source: str,
    judgments: Sequence[Judgment],
    judge: str | None = None,
    pool: str | None = None,
) -> Query[Count]:
    """Write judgments of queries that are there; returns how many."""
    params: dict[str, Any] = {
        "set_id": set_id,
        "source": source,
        "judge": judge,
        "pool": pool,
        "queries": [j.query for j in judgments],
        "external_ids": [j.external_id for j in judgments],
        "grades": [j.grade for j in judgments],
    }
    return Query(statements("eval")["put_judgments"], params, Count)


def queries(*, query_set: str) -> Query[QueryRow]:
    """The queries of a set."""
    return Query(statements("eval")["queries"], {"query_set": query_set}, QueryRow)


def judgments(*, query_set: str, source: str | None = None) -> Query[Judgment]:
    """The judgments of a source; None: the only one there is."""
    params = {"query_set": query_set, "source": source}
    return Query(statements("eval")["judgments"], params, Judgment)


def rankings(*, run_id: int) -> Query[Ranking]:
    """The answers of a run, as deep as its k."""
    return Query(statements("eval")["rankings"], {"run_id": run_id}, Ranking)


def cut(*, run_ids: Sequence[int]) -> Query[Cut]:
    """Those of the runs that keep more than their k, at which measures without a depth stop."""
    return Query(statements("eval")["cut"], {"run_ids": list(run_ids)}, Cut)


def vectors_wanted(*, run_id: int) -> Query[VectorWanted]:
    """Vectors of queries that a run needs and that are not stored."""
    return Query(statements("eval")["vectors_wanted"], {"run_id": run_id}, VectorWanted)


def refuse(*, run_id: int, query_id: int, error: str) -> Query[Count]:
    """Record that a query could not be answered."""
    params = {"run_id": run_id, "query_id": query_id, "error": error}
    return Query(statements("eval")["refuse"], params, Count)


def refused(*, run_id: int) -> Query[Refused]:
    """Queries of a run that could not be answered."""
    return Query(statements("eval")["refused"], {"run_id": run_id}, Refused)


def unknown_items(*, external_ids: Sequence[str], collection: str | None = None) -> Query[Title]:
    """Which external ids no item has: none of a collection, or of any; with an empty title."""
    params = {"external_ids": list(external_ids), "collection": collection}
    return Query(statements("eval")["unknown_items"], params, Title)


def judgment_source(*, query_set: str, source: str) -> Query[Name]:
    """`impl.judgment_source`: that a set has judgments from a source; an error lists those it has."""
    return Query(
        statements("eval")["judgment_source"], {"query_set": query_set, "source": source}, Name
    )


def titles(*, collection: str, external_ids: Sequence[str], chars: int = 80) -> Query[Title]:
    """A few words of each item."""
    params = {"collection": collection, "external_ids": list(external_ids), "chars": chars}
    return Query(statements("eval")["titles"], params, Title)


def corpus(*, collection: str) -> Query[Document]:
    """The items of a collection with their texts."""
    return Query(statements("eval")["corpus"], {"collection": collection}, Document)
