"""Trees in SQL, trees in memory and LightGBM give the same scores; they learn what no weights can say."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.calls.query import fetch
from db.errors import BadRequest
from db.evaluation import evals, query_sets, tuning
from db.evaluation.rows import QueryIn
from db.evaluation.tuning import Answer, LegList
from db.search import functions
from db.search.rows import Leg
from db.spaces import embedding
from jobs.tuning import profiles, validation
from jobs.tuning.fusion import features, fused, predicted, ranked
from jobs.tuning.lists import arrays, load
from jobs.tuning.measures import Measure, values
from jobs.tuning.trees import LambdaMart, compiled
from tests.evaluation.support import items, make_set, own_run
from tests.sql.helpers import put_vectors, unit

if TYPE_CHECKING:
    from jobs.tuning.lists import Lists
    from tests.sql.helpers import Conn

pytestmark = pytest.mark.model

NDCG = Measure("nDCG", 5)
LEGS = [Leg(kind="lexical", pool_n=12), Leg(kind="vector", space="text", pool_n=8)]


@pytest.fixture(scope="module", autouse=True)
def lightgbm() -> Any:
    """The library, loaded when a test runs: to collect them takes none of it."""
    try:
        return importlib.import_module("lightgbm")
    except OSError as exc:  # its wheel leaves libgomp to the system
        pytest.skip(f"LightGBM does not load: {exc}")


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    seed=st.integers(0, 10**6),
    legs=st.integers(1, 3),
    missing=st.sampled_from([0.0, 0.3]),
    trees=st.integers(1, 12),
    leaves=st.integers(2, 9),
)
def test_the_database_scores_as_lightgbm_predicts(
    db: Conn, lightgbm: Any, seed: int, legs: int, missing: float, trees: int, leaves: int
) -> None:
    """Also of values that are missing where learning saw none, and of values right on a threshold."""
    rng = np.random.default_rng(seed)
    seen = rng.integers(-4, 5, (300, 4 * legs)) / 2
    seen[rng.random(seen.shape) < missing] = np.nan
    data = lightgbm.Dataset(seen, rng.integers(0, 3, 300), group=[30] * 10)
    booster = lightgbm.train(
        {"objective": "lambdarank", "num_leaves": leaves, "min_data_in_leaf": 3, "verbosity": -1},
        data,
        num_boost_round=trees,
    )
    model = compiled(booster.dump_model(), [f"leg{n}" for n in range(legs)])
    asked = rng.integers(-4, 5, (40, 4 * legs)) / 2
    asked[rng.random(asked.shape) < 0.3] = np.nan
    # LightGBM takes what is within 1e-35 of zero for zero, and puts thresholds there.
    exact = [t for t in model.threshold if abs(t) > 1e-30]
    asked[0] = [*exact, *np.zeros(4 * legs)][: 4 * legs]
    np.testing.assert_allclose(
        predicted(model, asked), booster.predict(asked), rtol=1e-12, atol=1e-12
    )
    flat = [None if np.isnan(x) else float(x) for x in asked.ravel()]
    row = db.execute(
        "SELECT impl.tree_scores(%s, %s)", (msgspec.json.encode(model).decode(), flat)
    ).fetchone()
    assert row is not None
    np.testing.assert_array_equal(row[0], predicted(model, asked))


def banded(seed: int, queries: int) -> Lists:
    """Two legs over 40 items; relevant are those that leg a ranks in the middle and leg b has not."""
    rng = np.random.default_rng(seed)
    truth, answers, rows = {}, [], []
    ids = [f"d{n}" for n in range(40)]
    for query in (f"q{n}" for n in range(queries)):
        scores = {leg: np.sort(rng.normal(size=40))[::-1][rng.permutation(40)] for leg in "ab"}
        places = {leg: np.argsort(np.argsort(-drawn)) + 1 for leg, drawn in scores.items()}
        good = (places["a"] > 10) & (places["a"] <= 20) & (places["b"] > 25)
        truth[query] = {item: 1 for item, g in zip(ids, good, strict=True) if g} or {"none": 1}
        answers.append(Answer(query=query, external_ids=ids, item_ids=list(range(40))))
        for leg, drawn in scores.items():
            kept = places[leg] <= 25
            rows.append(
                LegList(
                    query=query,
                    leg=leg,
                    ranks=[int(p) if k else None for p, k in zip(places[leg], kept, strict=True)],
                    scores=[float(s) if k else None for s, k in zip(drawn, kept, strict=True)],
                    low=float(drawn[kept].min()),
                    high=float(drawn[kept].max()),
                    deviation=float(drawn[kept].std()),
                )
            )
    return arrays(answers, rows, truth)


def test_trees_learn_what_no_weights_can_say() -> None:
    seen, unseen = banded(1, 80), banded(2, 80)
    found = {
        name: values(unseen, learner(np.arange(80)), NDCG).mean()
        for name, learner in validation.learners(seen, NDCG, trees=True).items()
    }
    assert found.pop("lambdamart") > max(found.values()) + 0.2


def test_without_a_relevant_item_there_are_no_trees() -> None:
    lists = banded(1, 3)
    nothing = lists._replace(grades=np.zeros_like(lists.grades))
    fusion = LambdaMart(nothing, NDCG)(np.arange(3))
    assert fusion.model is not None
    assert fusion.model.roots == []
    assert not np.nan_to_num(fused(nothing, fusion), neginf=0).any()


@pytest.fixture
def parts(db: Conn, dummy_space: int) -> Conn:
    """Thirty items with words and vectors, judged at random."""
    rng = np.random.default_rng(3)
    words = ("pump", "seal", "valve", "motor")
    titles = {f"P{n:02d}": " ".join(rng.choice(words, rng.integers(1, 4))) for n in range(30)}
    ids = items(db, titles, vector_sources={"text": {"title": ["title"]}})
    put_vectors(db, dummy_space, [(item, "title", 0) for item in ids.values()], unit(rng, 30))
    asked = [QueryIn(external_id=f"{a} {b}", text=f"{a} {b}") for a in words for b in words]
    asked += [QueryIn(external_id="unknown", text="unknown")]
    make_set(
        db,
        asked,
        {q.external_id: {f"P{n:02d}": 1 for n in rng.choice(30, 6, False)} for q in asked},
    )
    for query, vec in zip(asked, unit(rng, len(asked)), strict=True):
        keep = embedding.keep_query_vector(space_id=dummy_space, query=query.text or "", vec=vec)
        fetch(db, keep)
    return db


def test_a_profile_of_trees_is_what_search_ranks_by(
    parts: Conn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.tuning.trees.LEAST_ITEMS", 3)
    lists = load(parts, own_run(parts, legs=LEGS, k=40))
    learned = LambdaMart(lists, NDCG)(np.arange(len(lists.queries)))
    named = msgspec.structs.replace(learned, name="trees")
    fetch(parts, tuning.put_profile(collection="parts", fusion=named, note=""))
    assert fetch(parts, tuning.live_fusion(collection="parts"))[0] == named
    run_id = own_run(parts, legs=LEGS, k=40)
    assert fetch(parts, evals.run(run_id=run_id))[0].settings["method"] == "lambdamart"
    scores = fused(lists, named)
    order = ranked(scores, scores.shape[1])
    answers = {a.query: a for a in fetch(parts, query_sets.rankings(run_id=run_id))}
    for at, query in enumerate(lists.queries):
        n = len(lists.external_ids[at])
        assert [lists.external_ids[at][i] for i in order[at, :n]] == answers[query].external_ids
        assert scores[at, order[at, :n]].tolist() == answers[query].scores
    assert len(set(scores[lists.listed].round(9).tolist())) > 5
    hits = fetch(parts, functions.hybrid(collection="parts", query="pump seal", legs=LEGS, k=3))
    assert [hit.rank for hit in hits] == [1, 2, 3]
    told = [leg for hit in hits for leg in hit.legs.values() if leg is not None]
    assert told
    assert all(leg.contribution is None for leg in told)
    assert fetch(parts, functions.hybrid(collection="parts", query="zzz", legs=LEGS[:1])) == []


def test_trees_without_a_profile_are_refused(parts: Conn) -> None:
    with pytest.raises(BadRequest, match="no trees are known to fuse by"):
        fetch(parts, functions.hybrid(collection="parts", query="pump", method="lambdamart"))


def test_tuning_offers_trees_to_the_guard_where_asked(parts: Conn) -> None:
    run_id = own_run(parts, legs=LEGS, k=40)
    options: Any = {"measure": "nDCG@5", "group": "query", "splits": validation.Splits(repeats=1)}
    report = profiles.tune(parts, "parts", run_id, profiles.TuningOptions(**options, trees=True))
    assert "lambdamart" in report.means
    assert not report.decision.activate  # the grades were drawn: nothing is there to be learned
    assert (
        "lambdamart"
        not in profiles.tune(parts, "parts", run_id, profiles.TuningOptions(**options)).means
    )


def test_features_of_a_leg_that_has_not_the_item_are_missing() -> None:
    lists = banded(5, 2)
    absent = np.isnan(lists.ranks)
    assert absent.any()
    given = features(lists).reshape(*lists.listed.shape, 2, 4)
    assert (np.isnan(given) == absent[..., None]).all()
