"""Spaces of token weights against inner products in numpy: scores, filters, changes, chunks, and the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.calls.query import fetch
from db.search import functions
from db.spaces import embedding
from db.spaces.embedding import Encoded
from encoders.sparse import rows
from tests.conftest import fresh_database
from tests.sql.helpers import column, make_collection, put, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sql.helpers import Conn, Floats

DIM = 3000
CLOSE = {"rel": 1e-5, "abs": 1e-5}
SMALL = 0.005  # chunks of at most 80 rows


class Stored:
    """Items with token weights, most of them in chunks; no dataclass, which hypothesis would print."""

    def __init__(
        self, conn: Conn, weights: dict[tuple[int, int], Floats], years: dict[int, int]
    ) -> None:
        self.conn, self.weights, self.years = conn, weights, years


@pytest.fixture(scope="module")
def stored(server_url: str, template: str) -> Iterator[Stored]:
    """300 items of one or two windows, of tokens as frequent as words are; some were changed or deleted."""
    from pgvector.psycopg import register_vector

    with (
        fresh_database(server_url, template) as url,
        psycopg.connect(url, autocommit=True) as conn,
    ):
        register_vector(conn)
        make_collection(
            conn, field_weights={"text": 1}, vector_sources={"sparse": {"item": ["text"]}}
        )
        conn.execute("SELECT ops.create_space('sparse', 'x', 'x@1', %s, kind => 'sparse')", (DIM,))
        rng = np.random.default_rng(5)
        texts = {f"i{n}": {"text": f"text {n}"} for n in range(300)}
        told = {key: {"year": int(rng.integers(2000, 2020))} for key in texts}
        made = put(conn, texts, metadata=told)
        ids, years = list(made.values()), {made[key]: one["year"] for key, one in told.items()}
        weights = windows(rng, ids)
        keep(conn, weights)
        while column(conn, "SELECT action FROM ops.merge_weights(1, %s)", (SMALL,))[0]:
            pass
        changed = {f"i{n}": {"text": f"text {n} changed"} for n in range(0, 60, 3)}
        fresh = windows(rng, put(conn, changed, metadata=told).values())
        keep(conn, fresh)
        gone = ids[100:130]
        conn.execute("DELETE FROM core.item WHERE id = ANY (%s)", (gone,))
        again = {item for item, _ in fresh}
        kept = {k: v for k, v in weights.items() if k[0] not in again and k[0] not in gone}
        yield Stored(conn, kept | fresh, years)


def windows(rng: np.random.Generator, ids: Any) -> dict[tuple[int, int], Floats]:
    """One or two dense rows of weights per item."""
    return {(item, part): weighed(rng, 25) for item in ids for part in range(1 + item % 2)}


def weighed(rng: np.random.Generator, n: int) -> Floats:
    """A dense row of some n tokens, the first ones in most rows."""
    row = np.zeros(DIM, np.float32)
    tokens = np.minimum(rng.zipf(1.3, n), DIM) - 1
    row[tokens] = rng.lognormal(-0.5, 0.6, n)
    return row


def keep(conn: Conn, weights: dict[tuple[int, int], Floats]) -> None:
    claimed = fetch(conn, embedding.claim_batch(space_id=1, batch_n=1000))
    hashes = {row.item_id: row.content_hash for row in claimed}
    vectors = [
        Encoded(
            item_id=item, source="item", part_no=part, vec=None, content_hash=hashes[item],
            token_weights=rows.weighed(row), dim=DIM,
        )
        for (item, part), row in weights.items()
    ]  # fmt: skip
    claims = {row.item_id: row.enqueued_at for row in claimed}
    assert embedding.store(conn, space_id=1, claims=claims, vectors=vectors) == len(claims)


def half(row: Floats) -> Floats:
    return row.astype(np.float16).astype(np.float32)


def asked(row: Floats) -> str:
    return text_of(rows.packed(rows.weighed(row)))


def best(weights: dict[tuple[int, int], Floats], query: Floats) -> list[tuple[int, float]]:
    """Items and their scores, best first: the oracle."""
    found: dict[int, float] = {}
    for (item, _), row in weights.items():
        score = float(row @ half(query))
        if score > 0:
            found[item] = max(found.get(item, 0.0), score)
    return sorted(found.items(), key=lambda one: (-one[1], one[0]))


@given(
    seed=st.integers(0, 10_000), n=st.integers(1, 60), k=st.sampled_from([1, 7, 400]),
    first=st.sampled_from([None, 2003, 2015]), spread=st.sampled_from([0.1, 2.0]),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_answers_are_those_of_numpy(
    stored: Stored, seed: int, n: int, k: int, first: int | None, spread: float
) -> None:
    rng = np.random.default_rng(seed)
    query = np.power(weighed(rng, n), spread)
    args: dict[str, Any] = {"space": "sparse", "query_vec": asked(query), "k": k}
    if first is not None:
        args |= {"filter": f"$.year >= {first}", "collection": "parts"}
    found = fetch(stored.conn, functions.semantic(**args))
    there = {
        k: v for k, v in stored.weights.items() if first is None or stored.years[k[0]] >= first
    }
    wanted = best(there, query)
    assert [hit.score for hit in found] == pytest.approx([s for _, s in wanted[:k]], **CLOSE)
    scores = dict(wanted)
    assert [hit.score for hit in found] == pytest.approx(
        [scores[hit.item_id] for hit in found], **CLOSE
    )
    assert len({hit.item_id for hit in found}) == len(found)
    assert found == sorted(found, key=lambda hit: (-hit.score, hit.item_id))


def test_rows_are_read_by_their_numbers_and_tokens_by_the_index(stored: Stored) -> None:
    statement = column(stored.conn, "SELECT impl.sparse_statement(1, 'docs', false)")[0]
    values = ("sparsevec", "int", "text", "bigint[]", "bigint[]", "int", "jsonb", "jsonpath")
    with stored.conn.transaction():
        stored.conn.execute("SET LOCAL enable_seqscan = off")
        stored.conn.execute(f"PREPARE rows ({', '.join(values)}) AS {statement}".encode())
        stored.conn.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        nothing = ", ".join(["NULL"] * len(values))
        plan = "\n".join(column(stored.conn, f"EXPLAIN EXECUTE rows ({nothing})".encode()))
        stored.conn.execute("DEALLOCATE rows")
    assert "Index Scan using embedding_1_doc_key" in plan
    assert "Seq Scan" not in plan
    asked_for = asked(weighed(np.random.default_rng(1), 9))
    detail = "SELECT detail FROM impl.nearest_sparse(impl.live_space('sparse'), %s, 5)"
    found = column(stored.conn, detail, (asked_for,))[0]
    assert (found["path"], found["rounds"] >= 1, found["scored"] > 0) == ("index", True, True)


def test_other_vectors_and_vocabularies_are_refused(stored: Stored) -> None:
    for vec in ("[0,7]", f"[{DIM // 2048 + 1},0,1]"):
        with pytest.raises(Exception, match="does not hold tokens"):
            fetch(stored.conn, functions.semantic(space="sparse", query_vec=vec))
    row = stored.conn.execute(
        "SELECT i.id FROM core.item AS i ORDER BY i.id DESC LIMIT 1"
    ).fetchone()
    assert row is not None
    with pytest.raises(psycopg.Error, match="expected 3000 dimensions"):
        stored.conn.execute(
            "INSERT INTO core.embedding (item_id, space_id, source, content_hash, token_weights)"
            " VALUES (%s, 1, 'other', gen_random_uuid(), '{1:1}/2999')", row,
        )  # fmt: skip
    nothing = functions.semantic(space="sparse", query_vec="[0,0,0]")
    assert fetch(stored.conn, nothing) == []
