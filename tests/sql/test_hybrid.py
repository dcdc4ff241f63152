"""Fusion against reciprocal rank fusion written down in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from db.calls.query import fetch
from db.search import functions
from db.search.rows import Leg
from flows.search.plan import DEPTHS
from tests.sql.helpers import column, make_collection, put, put_vectors, text_of, unit

if TYPE_CHECKING:
    from db.calls.query import Query
    from db.search.rows import IdentifierHit, LexicalHit, VectorHit
    from tests.sql.helpers import Conn

WORDS = ("pump", "valve", "seal", "motor", "펌프", "밸브")
QUERIES = ("pump", "seal motor 펌프", "AB1234-7", "valve AB-1230", "nothing of this", "")
NUMBERS = ("AB1234-7", "valve AB-1230")  # those that ask for a part number
FILTERS = (None, '{"even": true}', "$.size >= 10", '{"even": "neither"}')


class Row(NamedTuple):
    item_id: int
    rank: int
    score: float
    legs: dict[str, Any]
    adjustments: dict[str, Any] | None = None


@pytest.fixture
def vectors(db: Conn, dummy_space: int) -> list[str]:
    """Fill `parts` with 40 items of one to three vectors, several alike; returns query vectors."""
    rng = np.random.default_rng(7)
    make_collection(db, identifier_fields=["no"])
    make_collection(db, "other")
    items = {
        f"P{n:02d}": {"title": " ".join(rng.choice(WORDS, 4)), "no": f"AB{1230 + n // 2}-7"}
        for n in range(40)
    }
    metadata = {key: {"even": n % 2 == 0, "size": n} for n, key in enumerate(items)}
    ids = list(put(db, items, metadata=metadata).values())
    strangers = list(put(db, {"S1": {"title": "pump"}, "S2": {"title": "seal"}}, "other").values())
    rows = [(i, s, 0) for i in ids for s in ("item", "note") if (i + len(s)) % 5]
    rows += [(i, "item", 1) for i in ids[::7]] + [(i, "item", 0) for i in strangers]
    vecs = unit(rng, len(rows))
    vecs[4:8] = vecs[4]  # equal distances
    vecs[11] = vecs[4]
    put_vectors(db, dummy_space, rows, vecs)
    return [text_of(vec) for vec in (*unit(rng, 3), vecs[4])]


@st.composite
def leg_sets(draw: st.DrawFn) -> list[Leg]:
    names = draw(st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=5))
    return [
        Leg(
            kind=draw(st.sampled_from(["lexical", "identifier", "vector", "vector"])),
            name=name,
            space="text",
            source=draw(st.sampled_from([None, None, "item", "note", "absent"])),
            vec=draw(st.sampled_from("0123")),  # stands for a query vector, put in by the test
            weight=draw(st.sampled_from([1.0, 1.0, 0.0, 0.3, 2.5])),
            pool_n=draw(st.sampled_from([1, 3, 10, 100])),
        )
        for name in names
    ]


def ranked(db: Conn, leg: Leg, query: str, filter: str | None) -> list[tuple[int, int, float]]:
    """Rank with one leg on its own: (item id, rank, score)."""
    call: Query[LexicalHit] | Query[IdentifierHit] | Query[VectorHit]
    match leg.kind:
        case "lexical":
            call = functions.lexical(collection="parts", query=query, k=leg.pool_n, filter=filter)
        case "identifier":
            call = functions.identifier(
                collection="parts", query=query, k=leg.pool_n, filter=filter
            )
        case _:
            call = functions.semantic(
                space="text",
                query_vec=np.array(msgspec.json.decode(leg.vec or ""), dtype=np.float32),
                k=leg.pool_n,
                filter=filter,
                collection="parts",
                only_source=leg.source,
            )
    hits: list[Any] = fetch(db, call)
    return [(hit.item_id, hit.rank, hit.score) for hit in hits]


def fused(
    rankings: dict[str, tuple[float, list[tuple[int, int, float]]]],
    k: int,
    k_rrf: int,
    leading: frozenset[str] = frozenset(),
) -> list[Row]:
    """Reciprocal rank fusion: a leg's name -> (weight, its ranking).

    The best items of leading legs get the best contributions of all legs in addition.
    """
    legs: dict[int, dict[str, Any]] = {}
    places = 0.0
    for _, (weight, ranking) in sorted(rankings.items()):
        places += weight / (k_rrf + 1) if ranking else 0
    for name, (weight, ranking) in rankings.items():
        for item_id, rank, score in ranking:
            given = weight / (k_rrf + rank)
            if name in leading and score == ranking[0][2]:
                given += places
            told = {"rank": rank, "score": score, "contribution": given}
            legs.setdefault(item_id, dict.fromkeys(rankings))[name] = told
    scores = {}
    for item_id, given_by in legs.items():
        total = 0.0
        for _, told_by in sorted(given_by.items()):
            total += told_by["contribution"] if told_by else 0.0
        scores[item_id] = total
    best = sorted(scores, key=lambda i: (-scores[i], i))[:k]
    return [Row(i, at, scores[i], legs[i]) for at, i in enumerate(best, 1)]


def hybrid(db: Conn, query: str | None, legs: Any, k: int, filter: str | None, k_rrf: int) -> Any:
    statement = """
        SELECT * FROM search.hybrid(
            'parts', %s, impl.legs_from_json(%s), %s, %s, method => 'rrf', k_rrf => %s)"""
    args = (query, Jsonb(msgspec.to_builtins(legs)), k, filter, k_rrf)
    return [Row(*row) for row in db.execute(statement, args)]


def test_hybrid_is_reciprocal_rank_fusion(db: Conn, vectors: list[str]) -> None:
    @settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
    @given(
        leg_sets(),
        st.sampled_from(QUERIES),
        st.sampled_from(FILTERS),
        st.sampled_from([1, 5, 100]),
        st.sampled_from([0, 1, 60]),
        st.randoms(use_true_random=False),
    )
    def check(
        legs: list[Leg], query: str, filter: str | None, k: int, k_rrf: int, random: Any
    ) -> None:
        legs = [msgspec.structs.replace(leg, vec=vectors[int(leg.vec or 0)]) for leg in legs]
        rankings = {
            leg.name or "": (leg.weight or 0.0, ranked(db, leg, query, filter)) for leg in legs
        }
        leading = frozenset(
            leg.name or ""
            for leg in legs
            if query in NUMBERS and leg.kind == "identifier" and leg.weight
        )
        got = hybrid(db, query, legs, 1000, filter, k_rrf)
        want = fused(rankings, 1000, k_rrf, leading)
        # The places of leaders are a sum whose order is the database's.
        assert [row.item_id for row in got] == [row.item_id for row in want]
        assert [row.score for row in got] == pytest.approx([row.score for row in want], rel=1e-12)
        if not leading:
            assert [row._replace(adjustments=None) for row in got] == want
        got = hybrid(db, query, legs, k, filter, k_rrf)
        assert [row.item_id for row in got] == [row.item_id for row in want[:k]]
        for row in got:
            told = [leg["contribution"] for leg in row.legs.values() if leg]
            assert row.score == pytest.approx(sum(told), abs=1e-12)
            assert set(row.legs) == set(rankings)
        random.shuffle(legs)
        assert hybrid(db, query, legs, k, filter, k_rrf) == got

    check()


def test_constructors_make_the_legs_that_json_makes(db: Conn, vectors: list[str]) -> None:
    rows = db.execute(
        """
        SELECT * FROM search.hybrid('parts', 'seal AB1234-7', ARRAY[
            search.lexical_leg(weight => 2, pool_n => 7),
            search.identifier_leg(),
            search.vector_leg('text', %(vec)s::halfvec),
            search.vector_leg('text', %(vec)s::halfvec, 0.5, 9, 'note', 'notes')], 15)
        """,
        {"vec": vectors[0]},
    ).fetchall()
    as_json = [
        Leg(kind="lexical", weight=2, pool_n=7),
        Leg(kind="identifier", pool_n=20),
        Leg(kind="vector", space="text", vec=vectors[0]),
        Leg(kind="vector", space="text", vec=vectors[0], weight=0.5, pool_n=9, source="note", name="notes"),
    ]  # fmt: skip
    assert rows == hybrid(db, "seal AB1234-7", as_json, 15, None, 60)
    assert set(rows[0][3]) == {"lexical", "identifier", "text", "notes"}


def test_legs_that_do_not_say_how_deep_have_the_depth_of_their_constructors(db: Conn) -> None:
    made = (
        "SELECT (l).pool_n FROM unnest(ARRAY[search.lexical_leg(), search.identifier_leg(),"
        " search.vector_leg('text'), search.like_leg('text', '{1}')]) AS l"
    )
    as_json = (
        """SELECT l.pool_n FROM unnest(impl.legs_from_json('[{"kind": "lexical"},"""
        """ {"kind": "identifier"}, {"kind": "vector", "space": "text"},"""
        """ {"kind": "like", "space": "text", "positive": [1]}]')) AS l"""
    )
    assert column(db, made) == column(db, as_json) == [DEPTHS[0], 20, DEPTHS[0], DEPTHS[0]]


def test_without_legs_words_and_identifiers_are_fused(db: Conn, vectors: list[str]) -> None:
    rows = db.execute("SELECT * FROM search.hybrid('parts', 'pump AB1234-7', k => 3)").fetchall()
    explicit = [Leg(kind="lexical"), Leg(kind="identifier", pool_n=20)]
    assert rows == hybrid(db, "pump AB1234-7", explicit, 3, None, 60)
    assert rows[0][3].keys() == {"lexical", "identifier"}


def test_no_legs_find_nothing(db: Conn, vectors: list[str]) -> None:
    assert hybrid(db, "pump", [], 10, None, 60) == []
    assert fetch(db, functions.hybrid(collection="parts", query="pump", legs=())) == []


def test_other_collections_stay_out(db: Conn, vectors: list[str]) -> None:
    every = Leg(kind="vector", space="text", vec=vectors[0], pool_n=1000)
    got = {
        row.item_id for row in hybrid(db, "pump seal", [Leg(kind="lexical"), every], 999, None, 60)
    }
    strangers = column(db, "SELECT item_id FROM search.items WHERE collection = 'other'")
    assert len(strangers) == 2
    assert got.isdisjoint(strangers)
    assert len(got) > 30


@pytest.mark.parametrize(
    ("legs", "message"),
    [
        ("[{}]", "unknown leg kind"),
        ('[{"kind": "fuzzy"}]', "unknown leg kind: fuzzy"),
        ('[{"kind": "lexical"}, {"kind": "lexical"}]', "two legs are named lexical"),
        ('[{"kind": "lexical", "weight": -1}]', "leg lexical has weight -1"),
        ('[{"kind": "lexical", "weight": "NaN"}]', "leg lexical has weight NaN"),
        ('[{"kind": "lexical", "weight": "Infinity"}]', "leg lexical has weight Infinity"),
        ('[{"kind": "lexical", "weight": 5e-324}]', "leg lexical has weight 5e-324"),
        ('[{"kind": "lexical", "weight": 1e300}]', "leg lexical has weight 1e[+]300"),
        ('[{"kind": "lexical", "pool_n": 0}]', "leg lexical looks 0 items deep"),
    ],
)
def test_bad_legs_are_named(db: Conn, legs: str, message: str) -> None:
    make_collection(db)
    with pytest.raises(psycopg.Error, match=message) as caught:
        db.execute("SELECT * FROM search.hybrid('parts', 'x', impl.legs_from_json(%s))", (legs,))
    assert caught.value.sqlstate == "SG004"
    assert caught.value.diag.message_hint


def test_an_unknown_collection_is_named_with_those_there_are(db: Conn) -> None:
    make_collection(db)
    with pytest.raises(psycopg.Error, match="unknown collection: nowhere") as caught:
        db.execute("SELECT * FROM search.hybrid('nowhere', 'x')")
    assert caught.value.sqlstate == "SG001"
    assert "parts" in (caught.value.diag.message_hint or "")
