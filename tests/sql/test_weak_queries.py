"""Queries of the log that found nothing, and the synonyms that it and the vectors propose."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import psycopg
import pytest

from db.calls.query import fetch
from db.errors import BadRequest, UnknownName
from db.operations import metrics
from db.search import proposals, query_log
from tests.sql.helpers import column, make_collection, put, put_vectors
from tests.sql.test_grants import acting_as
from tests.sql.test_query_log import search, write

if TYPE_CHECKING:
    from db.search.query_log import LoggedSearch, WeakQuery
    from tests.sql.helpers import Conn

NOW = datetime.now(UTC)


def asked(query: str | None, found: int | None, words: int | None = 0, **more: Any) -> LoggedSearch:
    return search(query, [], **{"found": found, "word_hits": words} | more)


def weak(db: Conn, **arguments: Any) -> list[WeakQuery]:
    return fetch(db, query_log.weak_queries(**arguments))


def test_empty_wordless_and_weak_answers_are_counted_by_folded_query(db: Conn) -> None:
    make_collection(db)
    write(
        db,
        asked("오링  규격", 0, asked_at=NOW - timedelta(minutes=9)),
        asked("오링 규격", 3, 0, best_score=0.02, asked_at=NOW - timedelta(minutes=5)),
        asked("ＰＵＭＰ", 0, asked_at=NOW - timedelta(minutes=4)),
        asked("pump", 5, 5, weak=True, best_score=0.5, asked_at=NOW - timedelta(minutes=3)),
        asked("valve", 5, 5),  # found by its words
        asked("vectors alone", 5, None),  # no leg of words was asked
    )
    rows = weak(db)
    told = [(r.query, r.asked, r.nothing, r.wordless, r.weak, r.best_score) for r in rows]
    assert told == [("오링 규격", 2, 1, 1, 0, 0.02), ("pump", 2, 1, 0, 1, 0.5)]
    assert rows[0].last_asked_at == NOW - timedelta(minutes=5)
    assert [row.query for row in weak(db, k=1)] == ["오링 규격"]


def test_searches_that_were_narrowed_or_are_old_are_no_report(db: Conn) -> None:
    make_collection(db)
    make_collection(db, "others")
    write(
        db,
        asked("filtered", 0, filter={"maker": "A"}),
        asked("page two", 0, skip=10),
        asked("like", 0, liked=[1]),
        asked("shown", 0, picture=True),
        asked("earlier version", None, None),
        asked(" ", 0),
        asked(None, 0),
        asked("old", 0, asked_at=NOW - timedelta(days=8)),
        asked("elsewhere", 0, collection="others"),
    )
    assert [row.query for row in weak(db, within=timedelta(days=7))] == ["elsewhere"]
    assert [row.query for row in weak(db, only_collection="parts")] == ["old"]
    with pytest.raises(UnknownName):
        weak(db, only_collection="nobody")


@pytest.mark.parametrize("call", ["ops.weak_queries()", "ops.proposals()"])
def test_what_people_asked_is_for_administrators(db: Conn, call: str) -> None:
    for role in ("seogo_reader", "seogo_writer"):
        with acting_as(db, role), pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute(f"SELECT * FROM {call}".encode())
    with acting_as(db, "seogo_admin"):
        assert db.execute(f"SELECT * FROM {call}".encode()).fetchall() == []


def test_the_report_reads_the_log_of_its_days_by_an_index(db: Conn) -> None:
    cid = make_collection(db)
    db.execute(
        "INSERT INTO ops.query_log (asked_at, expires_at, collection_id, query, picture, liked, unliked, k,"
        " skip, legs, encode_ms, sql_ms, rerank_ms, total_ms, degraded, hits, found, word_hits)"
        " SELECT now() - n * interval '1 hour', now(), %s, 'q' || n, false, '{}', '{}', 10, 0, '[]', 0, 0, 0,"
        " 0, '{}', '[]', 0, 0 FROM generate_series(1, 5000) AS n",
        (cid,),
    )
    db.execute("ANALYZE ops.query_log")
    asks = "EXPLAIN SELECT * FROM ops.query_log AS q WHERE q.collection_id = %s"
    plan = "\n".join(column(db, f"{asks} AND q.asked_at > now() - interval '1 day'", (cid,)))
    assert "query_log_collection_idx" in plan
    assert len(weak(db, within=timedelta(hours=10, minutes=30))) == 10


def test_words_typed_in_place_of_others_are_proposed(db: Conn) -> None:
    make_collection(db)
    later = NOW + timedelta(seconds=30)
    write(
        db,
        asked("진공펌프를 교체", 0, asked_at=NOW),
        asked("배기펌프 교체", 4, 4, asked_at=later),
        asked("two words changed", 0, asked_at=NOW),
        asked("quite other things", 4, 4, asked_at=later),
        asked("gasket ring", 0, asked_at=NOW),
        asked("seal ring", 0, asked_at=later),  # found nothing either
        asked("hose clamp", 4, 4, asked_at=NOW),  # was found at once
        asked("pipe clamp", 4, 4, asked_at=later),
        asked("axle nut", 0, asked_at=NOW),
        asked("shaft nut", 4, 4, asked_at=NOW + timedelta(minutes=3)),  # too late
    )
    assert fetch(db, proposals.propose(collection="parts"))[0].n == 1
    (row,) = fetch(db, proposals.proposals())
    assert (row.subject, row.score, row.state) == ("배기펌프 = 진공펌프", 1.0, "open")
    assert row.evidence == {"queries": ["진공펌프를 교체 → 배기펌프 교체"], "from": "log"}


def test_a_decided_proposal_is_not_made_again(db: Conn) -> None:
    make_collection(db)
    near = [{"words": ["pump", "compressor"], "score": 0.5, "evidence": {"both": 0}}]
    assert fetch(db, proposals.propose(collection="parts", near=near))[0].n == 1
    near[0]["score"] = 0.6
    assert fetch(db, proposals.propose(collection="parts", near=near))[0].n == 0
    (row,) = fetch(db, proposals.proposals())
    assert (row.subject, row.score) == ("compressor = pump", 0.6)
    refused = proposals.decide(proposal=row.proposal, accept=False)
    assert fetch(db, refused)[0].state == "refused"
    assert fetch(db, proposals.propose(collection="parts", near=near))[0].n == 0
    assert fetch(db, proposals.proposals()) == []
    (row,) = fetch(db, proposals.proposals(only_state="refused"))
    assert row.decided_at is not None
    accepted = proposals.decide(proposal=row.proposal, accept=True)
    assert fetch(db, accepted)[0].state == "accepted"
    with pytest.raises(UnknownName):
        fetch(db, proposals.decide(proposal="synonym-999999", accept=True))


def test_words_of_the_same_things_in_different_items_are_near(db: Conn, dummy_space: int) -> None:
    """Three topics; each is told in items with one word, and in items with the other."""
    make_collection(db, vector_sources={"text": {"item": ["title"]}})
    rows, vectors = {}, {}
    for n in range(60):
        topic = n % 3
        word = f"{'abc'[topic]}{'xy'[n // 3 % 2]}word"
        rows[f"P{n}"] = {"title": f"{word} no {n}"}
        vec = [0.1] * 32
        vec[topic] = 1.0
        vec[3 + n % 7] = 0.2
        vectors[f"P{n}"] = vec
    ids = put(db, rows)
    places = [(ids[key], "item", 0) for key in vectors]
    put_vectors(db, dummy_space, places, np.array(list(vectors.values()), dtype=np.float32))
    found = fetch(db, proposals.kindred_words(collection="parts", near=0.5))
    assert [row.words for row in found] == [
        ["axword", "ayword"],
        ["bxword", "byword"],
        ["cxword", "cyword"],
    ]
    assert all(row.items == [10, 10] and row.both_n == 0 and row.score > 0.9 for row in found)


def test_searches_over_time_and_the_most_asked_are_counted(db: Conn) -> None:
    make_collection(db)
    make_collection(db, "others")
    with db.transaction():  # in which now() stands still: no hour begins meanwhile
        count_searches(db)
    with acting_as(db, "seogo_reader"), pytest.raises(psycopg.errors.InsufficientPrivilege):
        fetch(db, query_log.top_queries())


def count_searches(db: Conn) -> None:
    (now,) = column(db, "SELECT now()")
    start = now.replace(minute=0, second=0, microsecond=0)
    times = [
        (start - timedelta(hours=h, minutes=-n), 10.0 * n) for h in (1, 3) for n in range(1, 5)
    ]
    write(
        db,
        *(asked("Pump" if n % 2 else "pump ", n % 2, asked_at=at, total_ms=ms)
          for n, (at, ms) in enumerate(times)),
        asked("valve", 0, asked_at=now, weak=True, total_ms=7.0, degraded=["image"]),
        asked("other", 1, asked_at=now, collection="others"),
        asked("old", 1, asked_at=now - timedelta(days=3)),
    )  # fmt: skip
    of = {"only_collection": "parts", "step": timedelta(hours=1)}
    rows = fetch(db, query_log.search_times(within=timedelta(hours=5), **of))
    assert [row.begins for row in rows] == [start - timedelta(hours=h) for h in range(5, -1, -1)]
    assert [row.searches for row in rows] == [0, 0, 4, 0, 4, 1]
    assert [row.p50_ms for row in rows] == [None, None, 25.0, None, 25.0, 7.0]
    assert rows[2].p95_ms == pytest.approx(np.percentile([10, 20, 30, 40], 95))
    assert (rows[2].nothing, rows[-1].weak, rows[-1].degraded) == (2, 1, 1)
    everybody = query_log.search_times(within=timedelta(hours=1), step=timedelta(hours=1))
    assert fetch(db, everybody)[-1].searches == 2
    for within in (timedelta(hours=1001), timedelta(minutes=1)):
        with pytest.raises(BadRequest, match="cannot divide"), db.transaction():
            fetch(db, query_log.search_times(within=within, **of))
    top = fetch(db, query_log.top_queries(only_collection="parts", within=timedelta(days=1), k=5))
    assert [(row.query.strip().lower(), row.asked, row.nothing, row.weak) for row in top] == [
        ("pump", 8, 4, 0),
        ("valve", 1, 1, 1),
    ]


def test_the_disk_is_told_by_parts(db: Conn) -> None:
    make_collection(db)
    with acting_as(db, "seogo_reader"):
        parts = {row.part: row.bytes for row in fetch(db, metrics.disk())}
    assert {"items", "words", "vectors", "pictures", "logs", "evaluation", "database"} <= set(parts)
    assert sum(parts.values()) < 2 * parts["database"]
