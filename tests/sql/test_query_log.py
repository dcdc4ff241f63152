"""The query log in SQL: who reads it, how long it stays, and the set of queries made of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from db.calls.query import fetch
from db.search import query_log
from db.search.query_log import LoggedHit, LoggedSearch
from db.search.rows import Leg
from jobs import maintain
from tests.sql.helpers import column, make_collection
from tests.sql.test_docs import BLOCK, statements
from tests.sql.test_grants import acting_as

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

GUIDE = (Path(__file__).parents[2] / "docs" / "evaluation.md").read_text(encoding="utf-8")
RECIPE = GUIDE.partition("## Queries from the log")[2].partition("\n## ")[0]
DAY = timedelta(days=1)
QUERIES = "SELECT query FROM search.queries ORDER BY search_id"
# Ranks of three hits in the legs: all three in both; one in both; none in both; in one leg alone.
ALIKE = [{"words": 1, "text": 2}, {"words": 2, "text": 1}, {"words": 3, "text": 3}]
PARTLY = [{"words": 1, "text": 1}, {"words": 2}, {"text": 2, "words": 40}]
APART = [{"words": 1}, {"text": 1}, {"words": 2, "text": 11}]
ALONE = [{"words": 1}, {"words": 2}, {"words": 3}]


@pytest.fixture
def parts(db: Conn) -> Conn:
    make_collection(db)
    return db


def search(query: str | None, ranks: list[dict[str, int]], **more: Any) -> LoggedSearch:
    """A search as the service notes it, with ranks of its hits in the legs."""
    hits = [LoggedHit(external_id=f"P{n}", rank=n, legs=r) for n, r in enumerate(ranks, start=1)]
    usual: dict[str, Any] = {
        "asked_at": datetime.now(UTC),
        "key_id": None,
        "collection": "parts",
        "picture": False,
        "liked": [],
        "unliked": [],
        "filter": None,
        "profile": None,
        "k": 10,
        "skip": 0,
        "legs": [
            Leg(kind="lexical", name="words"),
            Leg(kind="vector", space="text@1", name="text"),
        ],
        "encode_ms": 1.5,
        "sql_ms": 2.0,
        "rerank_ms": 0.0,
        "total_ms": 3.5,
        "degraded": [],
    }
    return LoggedSearch(query=query, hits=hits, **{**usual, **more})


def write(db: Conn, *searches: LoggedSearch, keep: timedelta = DAY) -> int:
    return fetch(db, query_log.log_searches(searches=searches, keep=keep))[0].n


@pytest.mark.parametrize("role", ["seogo_reader", "seogo_writer"])
@pytest.mark.parametrize(
    "relation",
    [
        *("search.queries", "ops.query_log", "search.clicks", "ops.query_click"),
        *("ops.live_answer", "ops.proposal"),
    ],
)
def test_readers_and_writers_do_not_see_what_others_asked(
    parts: Conn, role: str, relation: str
) -> None:
    write(parts, search("pump", ALIKE))
    with acting_as(parts, role), pytest.raises(psycopg.errors.InsufficientPrivilege):
        parts.execute(f"SELECT * FROM {relation}".encode())
    with acting_as(parts, role), pytest.raises(psycopg.errors.InsufficientPrivilege):
        write(parts, search("forged", ALIKE))


def test_administrators_see_it_and_delete_it(parts: Conn) -> None:
    write(parts, search("pump", ALIKE))
    with acting_as(parts, "seogo_admin"):
        assert column(parts, QUERIES) == ["pump"]
        parts.execute("DELETE FROM ops.query_log")
        assert column(parts, QUERIES) == []


def test_a_scope_of_collections_hides_the_others(parts: Conn) -> None:
    make_collection(parts, name="secret")
    write(parts, search("pump", ALIKE), search("hidden", ALIKE, collection="secret"))
    with acting_as(parts, "seogo_admin"):
        parts.execute("SET seogo.collections = 'parts'")
        assert column(parts, QUERIES) == ["pump"]


def test_a_collection_takes_its_searches_with_it(parts: Conn) -> None:
    make_collection(parts, name="other")
    written = write(
        parts,
        search("pump", ALIKE),
        search("valve", ALIKE, collection="other"),
        search("lost", ALIKE, collection="gone", key_id=4711),
    )
    assert written == 2
    parts.execute("DELETE FROM core.collection WHERE name = 'parts'")
    assert column(parts, QUERIES) == ["valve"]


def test_maintenance_deletes_what_has_expired(parts: Conn) -> None:
    old = datetime.now(UTC) - 3 * DAY
    write(parts, search("old", ALIKE, asked_at=old), search("new", ALIKE), keep=2 * DAY)
    write(parts, search("old, kept longer", ALIKE, asked_at=old), keep=4 * DAY)
    assert maintain.run(parts).forgotten_searches == 1
    assert column(parts, QUERIES) == ["new", "old, kept longer"]
    assert maintain.run(parts).forgotten_searches == 0


def test_the_guide_makes_a_set_of_what_legs_disagree_over(parts: Conn) -> None:
    make_collection(parts, name="other")
    write(
        parts,
        search("apart", ALIKE),  # asked again below: the last answer counts
        search("alike", ALIKE),
        search("apart", APART),
        search("alone", ALONE),
        search("partly", PARTLY),
        search("in vain", []),
        search(None, APART, picture=True),
        search("with a filter", APART, filter={"maker": "SMC"}),
        search("second page", APART, skip=10),
        search("elsewhere", APART, collection="other"),
    )
    (block,) = BLOCK.findall(RECIPE)
    made = "SELECT text FROM eval.query ORDER BY id"
    for statement in statements(block[0]):
        parts.execute(statement.encode())
    assert column(parts, made) == ["apart", "partly", "alike"]
    write(parts, search("asked later", APART))
    for statement in statements(block[0]):
        parts.execute(statement.encode())
    assert column(parts, made) == ["apart", "partly", "alike", "asked later"]
