"""The vector leg against exact cosine similarity in numpy, and on a set too large for the exact path."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from db.calls.query import fetch
from db.errors import UnknownName
from db.search import functions
from tests.conftest import fresh_database
from tests.sql.helpers import column, make_collection, put, put_vectors, text_of, unit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from db.search.rows import VectorHit
    from tests.sql.helpers import Conn, Floats

# halfvec keeps 11 bits, and pgvector adds its products up in single precision.
ROUNDING = 2e-3
N_BIG = 6000


class Stored(NamedTuple):
    """Vectors in the database: what each one belongs to, and its numbers."""

    rows: list[tuple[int, str, int]]
    vecs: Floats
    metadata: dict[int, dict[str, Any]]
    collection: dict[int, str]


@pytest.fixture
def stored(db: Conn, dummy_space: int) -> Stored:
    """Two collections of 30 items, each with one to six vectors of two sources."""
    rng = np.random.default_rng(3)
    rows, metadata, collection = [], {}, {}
    for name in ("parts", "manuals"):
        make_collection(db, name)
        told = {f"{name}{n}": {"n": n, "odd": n % 2 == 1} for n in range(30)}
        for key, item_id in put(db, {key: {} for key in told}, name, told).items():
            metadata[item_id], collection[item_id] = told[key], name
            rows += [(item_id, "item", part) for part in range(1 + item_id % 4)]
            rows += [(item_id, "note", part) for part in range(item_id % 3)]
    vecs = unit(rng, len(rows))
    put_vectors(db, dummy_space, rows, vecs)
    return Stored(rows, vecs, metadata, collection)


def best(stored: Stored, query: Floats, keep: Any) -> dict[int, tuple[float, str, int]]:
    """Find each item's best vector, exactly: item id -> (similarity, source, part number)."""
    sims = stored.vecs @ query / np.linalg.norm(stored.vecs, axis=1) / np.linalg.norm(query)
    found: dict[int, tuple[float, str, int]] = {}
    for (item_id, source, part_no), sim in zip(stored.rows, sims, strict=True):
        if keep(item_id, source) and sim > found.get(item_id, (-2.0, "", 0))[0]:
            found[item_id] = (float(sim), source, part_no)
    return found


def test_each_item_once_by_its_exact_cosine(db: Conn, stored: Stored) -> None:
    fits: dict[str | None, Callable[[dict[str, Any]], bool]] = {
        None: lambda _told: True,
        '{"odd": true}': lambda told: bool(told["odd"]),
        "$.n < 9": lambda told: int(told["n"]) < 9,
    }
    cases = product([1, 7, 1000], fits, [None, "manuals"], [None, "note"])
    for seed, (k, filter, collection, only_source) in enumerate(cases):

        def keep(item_id: int, source: str, case: Any = (filter, collection, only_source)) -> bool:
            return (
                fits[case[0]](stored.metadata[item_id])
                and case[1] in (None, stored.collection[item_id])
                and case[2] in (None, source)
            )

        query = 3 * unit(np.random.default_rng(seed), 1)[0]  # cosine does not care for its length
        call = functions.semantic(
            space="text",
            query_vec=query,
            k=k,
            filter=filter,
            collection=collection,
            only_source=only_source,
        )
        _agree(fetch(db, call), best(stored, query, keep), k)


def _agree(hits: list[VectorHit], exact: dict[int, tuple[float, str, int]], k: int) -> None:
    assert len(hits) == min(k, len(exact))
    assert len({hit.item_id for hit in hits}) == len(hits)
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert hits == sorted(hits, key=lambda hit: (-hit.score, hit.item_id))
    for hit in hits:
        assert hit.score == pytest.approx(exact[hit.item_id][0], abs=ROUNDING)
        assert (hit.source, hit.part_no) == exact[hit.item_id][1:]
    left_out = set(exact) - {hit.item_id for hit in hits}
    assert all(exact[i][0] <= hits[-1].score + ROUNDING for i in left_out)


def test_equal_distances_come_in_the_order_of_ids(db: Conn, dummy_space: int) -> None:
    make_collection(db)
    ids = sorted(put(db, {f"P{n}": {} for n in range(20)}).values(), reverse=True)
    vec = unit(np.random.default_rng(1), 1)
    put_vectors(db, dummy_space, [(i, "item", 0) for i in ids], np.repeat(vec, 20, axis=0))
    hits = fetch(db, functions.semantic(space="text", query_vec=vec[0], k=6))
    assert [hit.item_id for hit in hits] == sorted(ids)[:6]


@pytest.fixture(scope="module")
def big(server_url: str, template: str) -> Iterator[Conn]:
    """Hold 6,000 items in a database of this module's own.

    Item n: 500 ("near") lie about the query [1, 0, 0, …], the others far from it; 40 of these are
    "rare", and one of them, "long", has 300 vectors, nearer to [0, 1, 0, …] than any other item's.
    """
    with (
        fresh_database(server_url, template) as url,
        psycopg.connect(url, autocommit=True) as conn,
    ):
        _fill(conn)
        yield conn


def _fill(conn: Conn) -> None:
    conn.execute("SELECT ops.create_space('text', 'dummy', 'dummy@1', 32)")
    cid = make_collection(conn)
    conn.execute(
        """
        INSERT INTO core.item (collection_id, external_id, metadata)
        SELECT %s, 'P' || n, jsonb_build_object(
            'n', n, 'near', n < 500, 'rare', n >= 500 AND n %% 137 = 0, 'long', n = 999)
        FROM generate_series(0, %s) AS n
        """,
        (cid, N_BIG - 1),
    )
    ids = column(conn, "SELECT id FROM core.item ORDER BY (metadata ->> 'n')::int")
    rng = np.random.default_rng(11)
    vecs = rng.normal(size=(N_BIG, 32))
    vecs[:, 0] = -np.abs(vecs[:, 0])
    vecs[:500] = 0.1 * rng.normal(size=(500, 32)) + np.eye(32)[0]
    many = 0.05 * rng.normal(size=(300, 32)) + np.eye(32)[1] - 0.3 * np.eye(32)[0]
    rows = [(i, "item", 0) for i in ids] + [(ids[999], "note", part) for part in range(300)]
    put_vectors(conn, 1, rows, np.concatenate([vecs, many]).astype(np.float32))
    conn.execute("SELECT ops.build_space_index(1)")
    conn.execute("ANALYZE")


def near(db: Conn, axis: int, **more: Any) -> list[VectorHit]:
    return fetch(
        db, functions.semantic(space="text", query_vec=np.eye(32, dtype="f4")[axis], **more)
    )


def test_few_matching_items_of_many_are_all_found(big: Conn) -> None:
    rare = set(column(big, "SELECT id FROM core.item WHERE metadata @> '{\"rare\": true}'"))
    assert len(rare) == 40
    assert {hit.item_id for hit in near(big, 0, k=100, filter='{"rare": true}')} == rare
    assert {hit.item_id for hit in near(big, 0, k=100, filter="$.rare == true")} == rare
    few = near(big, 0, k=7, filter='{"rare": true}')
    assert [hit.item_id for hit in few] == [
        hit.item_id for hit in near(big, 0, k=40, filter='{"rare": true}')[:7]
    ]


@pytest.mark.parametrize("k", [10, 120, 700])
def test_a_wide_filter_that_the_nearest_fail_still_gives_k_items(big: Conn, k: int) -> None:
    # More nearest neighbours than ef_search fail the filter: the index scan has to go on behind them.
    far = set(column(big, "SELECT id FROM core.item WHERE metadata @> '{\"near\": false}'"))
    assert len(far) == 5500
    hits = near(big, 0, k=k, filter='{"near": false}')
    assert len({hit.item_id for hit in hits}) == k
    assert {hit.item_id for hit in hits} <= far
    exact = column(
        big,
        "SELECT e.item_id FROM core.embedding AS e JOIN core.item AS i ON i.id = e.item_id"
        " WHERE i.metadata @> '{\"near\": false}' ORDER BY (e.vec <=> %s::halfvec) + 0 LIMIT %s",
        (text_of(np.eye(32)[0]), k),
    )
    assert len(set(exact) & {hit.item_id for hit in hits}) >= 0.6 * k


def test_many_vectors_of_one_item_do_not_crowd_out_the_others(big: Conn) -> None:
    hits = near(big, 1, k=20)
    assert len({hit.item_id for hit in hits}) == 20
    assert (
        hits[0].item_id
        == column(big, "SELECT id FROM core.item WHERE metadata @> '{\"long\": true}'")[0]
    )
    assert hits[0].source == "note"


def test_all_items_come_when_k_is_larger_or_null(big: Conn) -> None:
    assert len(near(big, 1, k=50_000)) == N_BIG
    statement = "SELECT count(*) FROM search.semantic('text', %s::halfvec, NULL)"
    assert column(big, statement, (text_of(np.eye(32)[1]),)) == [N_BIG]


def test_the_index_serves_one_path_and_stays_out_of_the_other(big: Conn) -> None:
    assert "embedding_1_hnsw" in _indexes(_explained(big, "hnsw"))
    assert "embedding_1_hnsw" not in _indexes(_explained(big, "exact"))


def _explained(db: Conn, path: str) -> Any:
    """Plan of the statement that impl.nearest executes, for a wide filter."""
    body = column(db, "SELECT impl.nearest_statement(impl.live_space('text'), %s, true)", (path,))[
        0
    ]
    db.execute("DEALLOCATE ALL")
    types = "halfvec, int, jsonb, jsonpath, text, bigint[], bigint, int, bigint[]"
    db.execute(f"PREPARE inner_statement ({types}) AS {body}".encode(), prepare=False)
    args = (text_of(np.eye(32)[0]), '{"near": false}')
    explain = (
        "EXPLAIN (FORMAT JSON) EXECUTE inner_statement"
        " ({}, NULL, {}, NULL, NULL, '{{}}', 100, 10, NULL)"
    )
    return column(db, sql.SQL(explain).format(*map(sql.Literal, args)))[0]


def _indexes(node: Any) -> set[str]:
    match node:
        case {"Index Name": str(name)}:
            return {name} | {n for v in node.values() for n in _indexes(v)}
        case dict():
            return {n for v in node.values() for n in _indexes(v)}
        case list():
            return {n for v in node for n in _indexes(v)}
    return set()


@pytest.mark.parametrize(
    ("space", "vec", "state", "message"),
    [
        ("text", "[1,2,3]", "SG003", "the query vector has 3 dimensions, space text has 32"),
        ("text", text_of(np.zeros(32)), "SG003", "the query vector for space text is zero"),
        ("text", None, "SG003", "the query vector for space text is NULL"),
        ("images", text_of(np.ones(32)), "SG001", "unknown embedding space: images"),
        (None, text_of(np.ones(32)), "SG001", r"unknown embedding space: \(null\)"),
    ],
)
def test_vectors_that_do_not_fit_are_refused(
    db: Conn, dummy_space: int, space: str | None, vec: str | None, state: str, message: str
) -> None:
    with pytest.raises(psycopg.Error, match=message) as caught:
        db.execute("SELECT * FROM search.semantic(%s, %s::halfvec)", (space, vec))
    assert caught.value.sqlstate == state


def test_an_unknown_space_is_answered_with_those_there_are(db: Conn, dummy_space: int) -> None:
    with pytest.raises(psycopg.Error) as caught:
        db.execute("SELECT * FROM search.semantic('images', '[1]')")
    assert "Live spaces: text" in (caught.value.diag.message_hint or "")


def test_retired_generations_are_not_searched(db: Conn, dummy_space: int) -> None:
    make_collection(db)
    (item_id,) = put(db, {"P1": {}}).values()
    vec = unit(np.random.default_rng(2), 1)
    put_vectors(db, dummy_space, [(item_id, "item", 0)], vec)
    db.execute("UPDATE ops.space SET status = 'retired'")
    with pytest.raises(UnknownName, match="unknown embedding space: text"):
        fetch(db, functions.semantic(space="text", query_vec=vec[0]))
    db.execute("SELECT ops.create_space('text', 'dummy', 'dummy@2', 32)")
    assert fetch(db, functions.semantic(space="text", query_vec=vec[0])) == []
    generations = "SELECT generation, status FROM search.spaces ORDER BY 1"
    assert db.execute(generations).fetchall() == [(1, "retired"), (2, "live")]


def test_a_vector_of_another_dimension_cannot_be_stored(db: Conn, dummy_space: int) -> None:
    make_collection(db)
    (item_id,) = put(db, {"P1": {}}).values()
    with pytest.raises(psycopg.errors.CheckViolation):
        put_vectors(db, dummy_space, [(item_id, "item", 0)], np.ones((1, 31), dtype=np.float32))


def test_metadata_may_change_without_new_vectors(db: Conn, stored: Stored) -> None:
    chosen = next(iter(stored.metadata))
    db.execute("UPDATE core.item SET metadata = %s WHERE id = %s", (Jsonb({"only": 1}), chosen))
    hits = fetch(
        db, functions.semantic(space="text", query_vec=stored.vecs[9], filter="$.only == 1")
    )
    assert [hit.item_id for hit in hits] == [chosen]
