"""Late interaction against MaxSim in numpy: scores, candidates, matched words, and the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.calls.query import fetch
from db.errors import BadRequest
from db.search import functions, tokens
from db.search.rows import Leg
from db.spaces import embedding, generations
from db.spaces.embedding import Encoded
from tests.conftest import fresh_database
from tests.sql.helpers import column, make_collection, put, text_of, unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sql.helpers import Conn, Floats

DIM = 16
ROUNDING = 2e-3
WORDS = ("vacuum", "pump", "진공", "펌프", "valve", "seal")


class Stored(NamedTuple):
    """Items with token vectors in two spaces, of half floats and of signs."""

    conn: Conn
    ids: list[int]
    windows: dict[tuple[int, str, int], Floats]


@pytest.fixture(scope="module")
def stored(server_url: str, template: str) -> Iterator[Stored]:
    """40 items, each with one to three windows of 1 to 9 tokens."""
    from pgvector.psycopg import register_vector

    with (
        fresh_database(server_url, template) as url,
        psycopg.connect(url, autocommit=True) as conn,
    ):
        register_vector(conn)
        feeds = {"halves": {"item": ["text"]}, "signs": {"item": ["text"]}}
        make_collection(conn, field_weights={"text": 1}, vector_sources=feeds)
        texts = {f"i{n}": {"text": f"{WORDS[n % 6]} {WORDS[n % 5]}"} for n in range(40)}
        ids = list(put(conn, texts).values())
        rng = np.random.default_rng(4)
        windows = {
            (item, "item", part): unit(rng, 1 + (item * 7 + part) % 9, DIM)
            for item in ids
            for part in range(1 + item % 3)
        }
        for name, quantization in (("halves", "none"), ("signs", "binary")):
            make_space(conn, name, quantization)
            keep(conn, name, windows)
        yield Stored(conn, ids, windows)


def make_space(conn: Conn, name: str, quantization: str = "none") -> None:
    conn.execute(
        "SELECT ops.create_space(%s, 'x', 'x@1', %s, quantization => %s, kind => 'multi')",
        (name, DIM, quantization),
    )


def keep(conn: Conn, space: str, windows: dict[tuple[int, str, int], Floats]) -> None:
    """Store windows as a worker does: claimed, then copied."""
    space_id = column(conn, "SELECT (impl.live_space(%s)).id", (space,))[0]
    claimed = fetch(conn, embedding.claim_batch(space_id=space_id, batch_n=1000))
    hashes = {(row.item_id, row.source): row.content_hash for row in claimed}
    vectors = [
        Encoded(
            item_id=item, source=source, part_no=part, vec=mean(vecs), tokens=vecs,
            content_hash=hashes[item, source], spans=[((0, 3),)] * len(vecs),
        )
        for (item, source, part), vecs in windows.items() if (item, source) in hashes
    ]  # fmt: skip
    claims = {row.item_id: row.enqueued_at for row in claimed}
    assert embedding.store(conn, space_id=space_id, claims=claims, vectors=vectors) == len(claims)


def mean(vecs: Floats) -> Floats:
    middle = vecs.mean(axis=0)
    return middle / np.linalg.norm(middle)


def maxsim(query: Floats, vecs: Floats, *, signs: bool = False) -> float:
    """The mean over the query's tokens of the highest similarity to a token of the text."""
    if signs:
        query, vecs = (np.where(m > 0, 1, -1) / np.sqrt(DIM) for m in (query, vecs))
    return float((query @ vecs.T).max(axis=1).mean())


def best(stored: Stored, query: Floats, *, signs: bool) -> dict[int, float]:
    found: dict[int, float] = {}
    for (item, _, _), vecs in stored.windows.items():
        found[item] = max(found.get(item, -2.0), maxsim(query, vecs, signs=signs))
    return found


@given(
    seed=st.integers(0, 10_000), n=st.integers(1, 40), space=st.sampled_from(["halves", "signs"])
)
@settings(max_examples=30, deadline=None)
def test_scores_are_those_of_numpy(stored: Stored, seed: int, n: int, space: str) -> None:
    query = unit(np.random.default_rng(seed), n, DIM)
    args: dict[str, Any] = {"space": space, "query_vec": text_of(query.ravel())}
    found = fetch(stored.conn, tokens.maxsim(item_ids=stored.ids, **args))
    wanted = best(stored, query, signs=space == "signs")
    assert {hit.item_id: hit.score for hit in found} == pytest.approx(wanted, abs=ROUNDING)
    assert found == sorted(found, key=lambda hit: (-hit.score, hit.item_id))
    alone = fetch(stored.conn, tokens.maxsim(item_ids=[found[3].item_id], **args))
    assert alone[0].score == found[3].score
    if n > 1:
        leg = fetch(stored.conn, functions.semantic(space=space, query_vec=args["query_vec"], k=5))
        assert [(h.item_id, h.score) for h in leg] == [(h.item_id, h.score) for h in found[:5]]
        assert {h.path for h in leg} == {"maxsim"}


def test_windows_count_by_the_best_and_sources_are_kept_apart(stored: Stored) -> None:
    item = next(item for item in stored.ids if item % 3 == 2)
    query = stored.windows[item, "item", 2]
    hit = fetch(
        stored.conn,
        tokens.maxsim(space="halves", item_ids=[item], query_vec=text_of(query.ravel())),
    )[0]
    assert (hit.part_no, hit.score) == (2, pytest.approx(1, abs=ROUNDING))
    other = tokens.maxsim(
        space="halves", item_ids=[item], query_vec=text_of(query.ravel()), only_source="note"
    )
    assert fetch(stored.conn, other) == []


def test_a_leg_scores_what_other_legs_found_too(stored: Stored) -> None:
    conn = stored.conn
    query = unit(np.random.default_rng(9), 3, DIM)
    legs = [Leg(kind="lexical"), Leg(kind="vector", space="halves", vec=text_of(query.ravel()))]
    hits = fetch(conn, functions.hybrid(collection="parts", query="진공", legs=legs, k=40))
    scores = {hit.item_id: leg.score for hit in hits if (leg := hit.legs["halves"]) is not None}
    assert scores == pytest.approx(best(stored, query, signs=False), abs=ROUNDING)
    reports = fetch(
        conn, functions.explain_hybrid(collection="parts", query="진공", legs=legs[::-1])
    )
    assert [report.leg for report in reports] == ["lexical", "halves"]
    by_words = reports[0].found
    assert reports[1].detail.items() >= {
        "path": "maxsim", "tokens": 3, "by_mean": 40, "by_other_legs": by_words, "scored": 40,
    }.items()  # fmt: skip
    narrowed = functions.hybrid(
        collection="parts", query="진공", legs=legs[1:], filter="$.none == 1"
    )
    assert fetch(conn, narrowed) == []


def test_words_that_met(stored: Stored) -> None:
    conn = stored.conn
    item = stored.ids[0]
    vecs = stored.windows[item, "item", 0]
    query = np.concatenate([vecs[:1], vecs[:1], unit(np.random.default_rng(1), 1, DIM)])
    rows = fetch(
        conn,
        tokens.token_matches(
            space="halves", item_id=item, query="vac pump", query_vec=text_of(query.ravel()),
            query_spans=embedding.multiranges([((0, 3),), ((0, 3),), ()]),
        ),
    )  # fmt: skip
    assert [(row.words, row.matched) for row in rows] == [("vac", "vac"), (None, "vac")]
    assert rows[0].similarity == pytest.approx(1, abs=ROUNDING)
    score = fetch(
        conn, tokens.maxsim(space="halves", item_ids=[item], query_vec=text_of(query.ravel()))
    )
    assert sum(row.contribution for row in rows) == pytest.approx(score[0].score)
    assert not rows[0].stale


def test_changes_and_deletions_are_followed(stored: Stored) -> None:
    conn = stored.conn
    made = put(conn, {"new": {"text": "seal"}, "gone": {"text": "seal"}})
    rng = np.random.default_rng(2)
    query = unit(rng, 2, DIM)
    for _ in range(2):
        windows = {(item, "item", 0): unit(rng, 4, DIM) for item in made.values()}
        for space in ("halves", "signs"):
            keep(conn, space, windows)
        for space in ("halves", "signs"):
            asked = tokens.maxsim(
                space=space, item_ids=list(made.values()), query_vec=text_of(query.ravel())
            )
            wanted = {
                i: maxsim(query, v, signs=space == "signs") for (i, _, _), v in windows.items()
            }
            assert {h.item_id: h.score for h in fetch(conn, asked)} == pytest.approx(
                wanted, abs=ROUNDING
            )
        put(conn, {key: {"text": f"seal again {key}"} for key in made})
    conn.execute("DELETE FROM core.item WHERE id = ANY (%s)", (list(made.values()),))
    assert fetch(conn, asked) == []


def test_vectors_of_other_lengths_and_spaces_are_refused(stored: Stored) -> None:
    for space, length in (("halves", DIM + 1), ("halves", DIM - 1)):
        asked = tokens.maxsim(space=space, item_ids=[1], query_vec=text_of(np.ones(length)))
        with pytest.raises(Exception, match=f"{length} dimensions, those of tokens"):
            fetch(stored.conn, asked)
    stored.conn.execute("SELECT ops.create_space('plain', 'x', 'x@1', %s)", (DIM,))
    with pytest.raises(Exception, match="one vector per text"):
        fetch(
            stored.conn, tokens.maxsim(space="plain", item_ids=[1], query_vec=text_of(np.ones(DIM)))
        )


def test_the_same_model_may_follow_itself_as_signs(stored: Stored) -> None:
    start = {"space": "halves", "encoder": "x", "identity": "x@1", "dim": DIM, "kind": "multi"}
    with pytest.raises(BadRequest, match="this very model"):
        fetch(stored.conn, generations.start(**start, quantization="none"))
    with pytest.raises(BadRequest, match="not quantized"):
        fetch(stored.conn, generations.start(**start | {"kind": "sparse"}, quantization="binary"))
    with stored.conn.transaction(force_rollback=True):
        fetch(stored.conn, generations.start(**start, quantization="binary"))
        kept = "SELECT quantization, kind FROM search.spaces WHERE space = 'halves' ORDER BY status"
        assert stored.conn.execute(kept).fetchall() == [("binary", "multi"), ("none", "multi")]


def test_items_are_read_by_their_key(stored: Stored) -> None:
    statement = column(stored.conn, "SELECT impl.maxsim_statement(impl.live_space('halves'), 4)")[0]
    with stored.conn.transaction():
        stored.conn.execute("SET LOCAL enable_seqscan = off")
        for at, value in (
            (1, "NULL::public.halfvec[]"),
            (2, "'{1,2}'::bigint[]"),
            (3, "NULL::text"),
        ):
            statement = statement.replace(f"${at}", f"({value})")
        plan = "\n".join(column(stored.conn, f"EXPLAIN {statement}".encode()))
    assert "Index Scan using embedding_" in plan or "Bitmap Index Scan on embedding_" in plan
    assert "Seq Scan" not in plan
