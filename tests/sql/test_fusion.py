"""Fusion beyond reciprocal ranks, likeness, query vectors, distances: what a query can be made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import psycopg
import pytest
from psycopg.types.json import Jsonb

from db.calls.query import fetch
from db.search import functions
from db.spaces import embedding
from encoders import registry
from jobs import embed
from jobs.stages import index
from tests.sql.helpers import column, make_collection, put, put_vectors, text_of, unit

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sql.helpers import Conn

WORDS = ["pump", "seal", "valve", "gauge", "heater"]


@pytest.fixture
def filled(db: Conn, dummy_space: int) -> dict[str, Any]:
    """Forty items with words of unequal weight and a vector each; returns ids and vectors."""
    make_collection(db, vector_sources={"text": {"item": ["t"]}})
    rng = np.random.default_rng(3)
    texts = {f"P{n}": {"t": " ".join(rng.choice(WORDS, n % 7 + 1))} for n in range(40)}
    ids = list(put(db, texts).values())
    vecs = unit(rng, 40)
    put_vectors(db, dummy_space, [(i, "item", 0) for i in ids], vecs)
    db.execute("DELETE FROM ops.outbox")
    return {"ids": ids, "vecs": vecs}


def normalised(scores: list[float], how: str) -> list[float]:
    low, high, spread = min(scores), max(scores), float(np.std(scores))
    match how:
        case "none":
            return scores
        case "zscore":
            return [(s - low) / spread if spread else 0.0 for s in scores]
    return [(s - low) / (high - low) if high > low else 1.0 for s in scores]


@pytest.mark.parametrize("how", ["minmax", "zscore", "none"])
@pytest.mark.parametrize("pool_n", [1, 5, 100])
def test_weighted_fusion_is_the_sum_of_normalised_scores(
    db: Conn, filled: dict[str, Any], how: str, pool_n: int
) -> None:
    query, vec = "pump seal heater", filled["vecs"][7]
    lexical = fetch(db, functions.lexical(collection="parts", query=query, k=pool_n))
    near = fetch(db, functions.semantic(space="text", query_vec=vec, k=pool_n, collection="parts"))
    expected: dict[int, float] = {}
    for weight, hits in ((2.0, lexical), (0.5, near)):
        for hit, value in zip(hits, normalised([h.score for h in hits], how), strict=True):
            expected[hit.item_id] = expected.get(hit.item_id, 0.0) + weight * value
    rows = db.execute(
        """
        SELECT item_id, score, legs FROM search.hybrid('parts', %s, ARRAY[
            search.lexical_leg(2, %s), search.vector_leg('text', %s::halfvec, 0.5, %s)],
            k => 100, method => 'weighted', normalization => %s)
        """,
        (query, pool_n, text_of(vec), pool_n, how),
    ).fetchall()
    assert {row[0]: row[1] for row in rows} == pytest.approx(expected)
    assert [r[0] for r in rows] == [r[0] for r in sorted(rows, key=lambda r: (-r[1], r[0]))]
    for _, score, legs in rows:
        assert score == pytest.approx(sum(leg["contribution"] for leg in legs.values() if leg))


def test_pages_are_pieces_of_one_order(db: Conn, filled: dict[str, Any]) -> None:
    whole = fetch(db, functions.hybrid(collection="parts", query="pump seal", k=100))
    pages = [
        fetch(db, functions.hybrid(collection="parts", query="pump seal", k=7, skip=skip))
        for skip in range(0, 42, 7)
    ]
    assert [hit for page in pages for hit in page] == whole


def test_a_profile_gives_method_and_weights(db: Conn, filled: dict[str, Any]) -> None:
    statement = """
        INSERT INTO eval.profile (collection_id, name, active, method, weights)
        VALUES (1, %s, %s, %s, %s)"""
    db.execute(statement, ("kept", True, "weighted", Jsonb({"lexical": 3})))
    db.execute(statement, ("other", False, "rrf", Jsonb({})))
    best = fetch(db, functions.hybrid(collection="parts", query="pump"))[0]
    assert best.score == 3
    by_name = fetch(db, functions.hybrid(collection="parts", query="pump", profile="other"))[0]
    assert by_name.score == pytest.approx(1 / 61)
    with pytest.raises(psycopg.Error, match="has no profile nothing") as caught:
        db.execute("SELECT * FROM search.hybrid('parts', 'pump', profile => 'nothing')")
    assert caught.value.sqlstate == "SG001"


def test_likeness_is_rocchio_without_the_given_items(db: Conn, filled: dict[str, Any]) -> None:
    ids, vecs = filled["ids"], filled["vecs"].astype(np.float64)
    asked = vecs[[1, 2]].mean(axis=0) - 0.5 * vecs[5]
    sims = vecs @ (asked / np.linalg.norm(asked))
    order = [ids[n] for n in np.argsort(-sims) if n not in (1, 2, 5)][:5]
    hits = fetch(db, functions.like_items(positive_ids=ids[1:3], negative_ids=[ids[5]], k=5))
    assert [hit.item_id for hit in hits] == order
    assert [hit.score for hit in hits] == pytest.approx(
        [sims[ids.index(i)] for i in order], abs=2e-3
    )
    with pytest.raises(psycopg.Error, match="has a vector"):
        db.execute("SELECT * FROM search.like_items('{999999}')")


def test_a_query_text_becomes_a_vector_leg_once_the_worker_has_seen_it(
    db: Conn, filled: dict[str, Any], tmp_path: Path
) -> None:
    asked = functions.request_vector(query=" pump seal ")
    assert [fetch(db, asked)[0].state for _ in range(2)] == ["queued", "queued"]
    space = fetch(db, embedding.live_spaces())[0]
    encoder = registry.build(registry.spec("dummy"), tmp_path)
    assert embed.answer_queries(db, space, encoder) == 1
    assert fetch(db, asked)[0].state == "ready"
    row = fetch(db, functions.hybrid(collection="parts", query="pump seal"))[0]
    assert set(row.legs) == {"lexical", "identifier", "text"}
    told = fetch(db, functions.explain_hybrid(collection="parts", query="pump seal"))
    assert {leg.leg: leg.found for leg in told}["text"] == 40


def test_min_similarity_cuts_the_answer(db: Conn, filled: dict[str, Any]) -> None:
    vec = filled["vecs"][0]
    every = fetch(db, functions.semantic(space="text", query_vec=vec, k=100))
    db.execute("UPDATE ops.space SET min_similarity = 0.2")
    kept = fetch(db, functions.semantic(space="text", query_vec=vec, k=100))
    assert kept == [hit for hit in every if hit.score >= 0.2]
    assert 0 < len(kept) < len(every)


@pytest.mark.parametrize("distance", ["cosine", "ip", "l2"])
@pytest.mark.parametrize("quantization", ["none", "binary"])
def test_every_distance_ranks_as_numpy_does(db: Conn, distance: str, quantization: str) -> None:
    make_collection(db)
    ids = list(put(db, {f"P{n}": {} for n in range(200)}).values())
    rng = np.random.default_rng(8)
    vecs = (rng.normal(size=(200, 16)) * rng.uniform(0.5, 2, (200, 1))).astype(np.float16)
    space_id = column(
        db,
        "SELECT ops.create_space('s', 'x', 'x', 16, distance => %s, quantization => %s)",
        (distance, quantization),
    )[0]
    put_vectors(db, space_id, [(i, "item", 0) for i in ids], vecs.astype(np.float32))
    exact, query = vecs.astype(np.float64), vecs[3].astype(np.float64)
    scores = {
        "cosine": exact @ query / np.linalg.norm(exact, axis=1) / np.linalg.norm(query),
        "ip": exact @ query,
        "l2": -np.linalg.norm(exact - query, axis=1),
    }[distance]
    expected = [ids[n] for n in np.argsort(-scores)[:10]]
    asked = functions.semantic(space="s", query_vec=vecs[3].astype(np.float32), k=10)
    without = fetch(db, asked)
    assert [h.item_id for h in without] == expected
    assert {h.path for h in without} == {"exact"}
    (about,) = fetch(db, embedding.index_build(space_id=space_id))
    assert about.local
    assert len(ids) * vecs.shape[1] * 2 < about.graph_bytes < len(ids) * 8000
    assert index.build(db, fetch(db, embedding.live_spaces())[0])
    indexed = fetch(db, asked)
    assert {h.path for h in indexed} == {"hnsw"}
    assert [h.item_id for h in indexed] == expected
    assert [h.score for h in indexed] == pytest.approx(sorted(scores, reverse=True)[:10], abs=1e-3)


def test_recall_is_measured_and_kept(db: Conn, filled: dict[str, Any]) -> None:
    db.execute("SELECT ops.build_space_index(id) FROM ops.space")
    told = fetch(db, functions.measure_recall(space="text", sample_n=15, k=5))[0]
    assert (told.recall, told.sampled) == (1, 15)
    assert column(db, "SELECT last_recall FROM search.spaces") == [1]
