"""Fusion and measures over the lists of one run are those of the database, ties included."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.calls.query import fetch
from db.evaluation import evals, query_sets, tuning
from db.evaluation.rows import QueryIn
from db.evaluation.tuning import Fusion
from db.search.rows import Leg
from db.spaces import embedding
from jobs.tuning.fusion import fused, ranked, single
from jobs.tuning.lists import NotTunable, load
from jobs.tuning.measures import BadMeasure, Measure, values
from tests.evaluation.support import foreign_run, items, make_set, own_run
from tests.evaluation.support import values as measured
from tests.sql.helpers import put_vectors, unit

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sql.helpers import Conn

WORDS = ("pump", "seal", "valve", "motor")
MEASURES = ("nDCG@3", "nDCG@10", "R@1", "R@5", "P@4", "Success@2", "RR@7")
LEGS = (
    Leg(kind="lexical", pool_n=12),
    Leg(kind="vector", space="text", source="title", pool_n=8),
    Leg(kind="vector", space="text", source="other", name="other", pool_n=5),
)


@pytest.fixture
def parts(db: Conn, dummy_space: int) -> Conn:
    """Thirty items, many alike so that scores tie; texts and items as queries, grades drawn."""
    rng = np.random.default_rng(11)
    titles = {f"P{n:02d}": " ".join(rng.choice(WORDS, rng.integers(1, 3))) for n in range(30)}
    ids = items(db, titles, vector_sources={"text": {"title": ["title"], "other": ["title"]}})
    rows = [(item, source, 0) for item in ids.values() for source in ("title", "other")]
    vecs = unit(rng, 12)[rng.integers(12, size=len(rows))]
    put_vectors(db, dummy_space, rows, vecs)
    asked = [QueryIn(external_id=w, text=w) for w in ("pump", "valve motor", "nothing")]
    asked += [QueryIn(external_id=f"like {at}", item=at) for at in ("P03", "P07", "P11")]
    grades = {
        q.external_id: {f"P{n:02d}": int(rng.integers(-1, 4)) for n in rng.choice(30, 6, False)}
        for q in asked
    }
    make_set(db, asked, grades)
    for text, vec in zip(("pump", "valve motor", "nothing"), unit(rng, 3), strict=True):
        fetch(db, embedding.keep_query_vector(space_id=dummy_space, query=text, vec=vec))
    return db


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    method=st.sampled_from(["rrf", "weighted"]),
    normalization=st.sampled_from(["minmax", "zscore", "none"]),
    k_rrf=st.integers(0, 100),
    weights=st.lists(
        st.sampled_from([0.0, 1e-6, 0.3, 1.0, 2.5, 1e6]) | st.floats(1e-6, 9),
        min_size=3,
        max_size=3,
    ),
)
def test_a_fusion_computed_from_another_run_is_the_database_s(
    parts: Conn, method: str, normalization: str, k_rrf: int, weights: list[float]
) -> None:
    base = own_run(parts, legs=LEGS, k=40)
    lists = load(parts, base)
    assert lists.legs == ["lexical", "other", "text"]
    fusion = Fusion(
        name="x",
        method=method,  # type: ignore[arg-type]
        normalization=normalization,  # type: ignore[arg-type]
        k_rrf=k_rrf,
        weights=dict(zip(("lexical", "text", "other"), weights, strict=True)),
    )
    legs = [
        Leg(
            kind=leg.kind,
            space=leg.space,
            source=leg.source,
            name=leg.name,
            pool_n=leg.pool_n,
            weight=fusion.weights[leg.name or leg.space or leg.kind],
        )
        for leg in LEGS
    ]
    wanted = own_run(
        parts, legs=legs, k=40, method=method, normalization=normalization, k_rrf=k_rrf
    )
    scores = fused(lists, fusion)
    order = ranked(scores, scores.shape[1])
    answers = {a.query: a for a in fetch(parts, query_sets.rankings(run_id=wanted))}
    for at, query in enumerate(lists.queries):
        n = len(lists.external_ids[at])
        assert [lists.external_ids[at][i] for i in order[at, :n]] == answers[query].external_ids
        assert scores[at, order[at, :n]].tolist() == answers[query].scores
    for name in MEASURES:
        offline = dict(zip(lists.queries, values(lists, fusion, Measure.parse(name)), strict=True))
        by_query = {
            row.query: row.value
            for row in fetch(parts, evals.query_metrics(run_id=wanted, measures=[name]))
        }
        assert offline == pytest.approx(by_query)


def test_a_leg_alone_is_a_run_of_that_leg(parts: Conn) -> None:
    lists = load(parts, own_run(parts, legs=LEGS))
    for leg, name in zip(LEGS, ("lexical", "text", "other"), strict=True):
        alone = own_run(parts, legs=[leg])
        for measure in MEASURES:
            found = Measure.parse(measure).of_scores(lists, single(lists, name))
            order = [q.external_id for q in fetch(parts, query_sets.queries(query_set="set"))]
            wanted = dict(zip(order, measured(parts, alone, [measure])[measure], strict=True))
            assert dict(zip(lists.queries, found, strict=True)) == pytest.approx(wanted)


def test_what_has_no_answer_counts_as_nothing_found(parts: Conn) -> None:
    run_id = own_run(parts, legs=LEGS)
    parts.execute(
        "DELETE FROM eval.run_query WHERE query_id ="
        " (SELECT id FROM eval.query WHERE external_id = 'pump')"
    )
    lists = load(parts, run_id)
    assert not lists.listed[lists.queries.index("pump")].any()
    live = fetch(parts, tuning.live_fusion(collection="parts"))[0]
    found = values(lists, live, Measure("nDCG", 10))
    assert found[lists.queries.index("pump")] == 0
    assert found.mean() == pytest.approx(
        fetch(parts, evals.metrics(run_id=run_id, measures=["nDCG@10"]))[0].value
    )


def unfinished(db: Conn) -> int:
    return fetch(db, evals.start_run(collection="parts", query_set="set", legs=LEGS))[0].run_id


def foreign(db: Conn) -> int:
    return foreign_run(db, {"pump": {"P01": 1.0}})


def earlier(db: Conn) -> int:
    run_id = own_run(db, legs=LEGS)
    db.execute("UPDATE eval.run_leg SET low = NULL")
    return run_id


def unjudged(db: Conn) -> int:
    db.execute(
        "UPDATE eval.judgment AS j SET external_id = q.item FROM eval.query AS q"
        " WHERE q.id = j.query_id AND j.external_id = (SELECT min(o.external_id) FROM"
        " eval.judgment AS o WHERE o.query_id = j.query_id) AND q.item IS NOT NULL"
    )
    db.execute(
        "DELETE FROM eval.judgment AS j USING eval.query AS q WHERE q.id = j.query_id"
        " AND j.external_id IS DISTINCT FROM q.item"
    )
    return own_run(db, legs=LEGS)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (unfinished, "was never finished"),
        (foreign, "was made by another system"),
        (earlier, "lacks the spread"),
        (unjudged, "no query of the set set is judged"),
    ],
)
def test_runs_that_nothing_can_be_learned_from(
    parts: Conn, make: Callable[[Conn], int], why: str
) -> None:
    with pytest.raises(NotTunable, match=why):
        load(parts, make(parts))


@pytest.mark.parametrize("name", ["AP", "nDCG", "R(rel=2)@5", "Judged@10", "nDCG@0", ""])
def test_measures_without_a_depth_are_refused(name: str) -> None:
    with pytest.raises(BadMeasure, match="cannot tune for"):
        Measure.parse(name)
