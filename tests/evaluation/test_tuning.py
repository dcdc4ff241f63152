"""Learners find what helps, validation holds out, and the guard keeps what would harm from going live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from db.calls.query import fetch
from db.errors import UnknownName
from db.evaluation import evals, proof, tuning
from db.evaluation.tuning import Answer, LegList
from db.search.rows import Leg
from db.spaces import embedding
from jobs.cli import app
from jobs.tuning import profiles, validation
from jobs.tuning.fusion import single
from jobs.tuning.learners import Grid, name_scaling, scalings, weightings
from jobs.tuning.lists import NotTunable, arrays, load
from jobs.tuning.measures import Measure, values
from tests.evaluation.support import items, make_set, means, own_run
from tests.sql.helpers import column, put_vectors

if TYPE_CHECKING:
    from jobs.tuning.lists import Lists
    from tests.sql.helpers import Conn

NDCG = Measure("nDCG", 5)
ITEMS = 40
ONCE = validation.Splits(repeats=1)


def drawn(seed: int, queries: int, **signal: float) -> Lists:
    """Legs over 40 items, two of them relevant: what a leg says of these is higher by its signal."""
    rng = np.random.default_rng(seed)
    truth = {f"q{n}": {"d0": 1, "d1": 2} for n in range(queries)}
    ids = [f"d{n}" for n in range(ITEMS)]
    answers = [Answer(query=q, external_ids=ids, item_ids=list(range(ITEMS))) for q in truth]
    rows = []
    for leg, strength in signal.items():
        for query in truth:
            scores = rng.normal(size=ITEMS)
            scores[:2] += strength
            places = np.argsort(np.argsort(-scores)) + 1
            kept = places <= 20
            given = scores[kept]
            rows.append(
                LegList(
                    query=query,
                    leg=leg,
                    ranks=[int(p) if k else None for p, k in zip(places, kept, strict=True)],
                    scores=[float(s) if k else None for s, k in zip(scores, kept, strict=True)],
                    low=float(given.min()),
                    high=float(given.max()),
                    deviation=float(given.std()),
                )
            )
    return arrays(answers, rows, truth)


def alone(lists: Lists) -> dict[str, float]:
    return {leg: float(NDCG.of_scores(lists, single(lists, leg)).mean()) for leg in lists.legs}


@pytest.mark.model
@pytest.mark.parametrize(
    "name", ["grid", "coordinate ascent", "pairwise logistic", "pointwise regression"]
)
def test_every_learner_beats_the_single_legs_where_they_complement_each_other(name: str) -> None:
    seen, unseen = drawn(1, 60, a=1.5, b=1.5, noise=0.0), drawn(2, 200, a=1.5, b=1.5, noise=0.0)
    fusion = validation.learners(seen, NDCG)[name](np.arange(60))
    assert set(fusion.weights) == {"a", "b", "noise"}
    assert fusion.weights["noise"] < 0.5 * min(fusion.weights["a"], fusion.weights["b"])
    assert values(unseen, fusion, NDCG).mean() > max(alone(unseen).values()) + 0.05


@pytest.mark.parametrize("legs", [2, 3, 4, 5, 7])
def test_weightings_have_every_single_leg_and_equal_weights(legs: int) -> None:
    names = [f"leg{n}" for n in range(legs)]
    found = weightings(names)
    assert 1 + legs <= len(found) <= 1 + max(40, legs)
    assert all(sum(weights.values()) == pytest.approx(1, abs=1e-4) for weights in found)
    assert len(set(found[0].values())) == 1
    for name in names:
        assert {other: float(other == name) for other in names} in found


def test_ascent_never_falls_behind_its_start() -> None:
    lists = drawn(3, 40, a=1.0, b=0.3, c=0.1)
    rows = np.arange(40)
    known = validation.learners(lists, NDCG)
    start, end = (
        values(lists, known[name](rows), NDCG).mean() for name in ("grid", "coordinate ascent")
    )
    assert end >= start


def test_the_grid_learns_from_the_rows_it_is_given_only() -> None:
    lists = drawn(4, 40, a=1.0, b=1.0)
    grid = Grid(lists, NDCG)
    changed = msgspec.structs.replace(grid(np.arange(20)))
    grid.values[:, 20:] = np.random.default_rng(0).random(grid.values[:, 20:].shape)
    assert grid(np.arange(20)) == changed


@settings(max_examples=25, deadline=None)
@given(groups=st.lists(st.integers(0, 9), min_size=12, max_size=60), n=st.integers(2, 4))
def test_no_group_is_on_both_sides_and_every_query_is_held_out_once(
    groups: list[int], n: int
) -> None:
    if len(set(groups)) < n:
        with pytest.raises(NotTunable, match=f"do not make {n} folds"):
            validation.folds(groups, n, 20)
        return
    parts = validation.folds(groups, n, 20)
    assert sorted(np.concatenate([unseen for _, unseen in parts])) == list(range(len(groups)))
    for seen, unseen in parts:
        assert not {groups[at] for at in seen} & {groups[at] for at in unseen}


def test_queries_that_share_answers_or_answer_each_other_are_linked() -> None:
    truth = {"1": {"A": 1}, "2": {"A": 2, "B": 0}, "3": {"B": 1}, "4": {"C": 1}, "5": {"D": 1}}
    own = {"1": None, "2": None, "3": None, "4": "E", "5": "C"}
    groups = validation.linked(truth, own)
    assert groups[0] == groups[1] != groups[2]
    assert groups[3] == groups[4]
    assert len(set(groups)) == 3


@pytest.mark.model
def test_held_out_values_are_of_fits_that_have_not_seen_the_query() -> None:
    """Changing the grades of a held-out group changes its own values alone, not what was learned."""
    lists, groups = drawn(5, 30, a=1.0, b=0.5), [n // 3 for n in range(30)]
    before = validation.cross_validate(lists, NDCG, groups, ONCE)
    unseen = validation.folds(groups, ONCE.outer, ONCE.seed)[0][1]
    grades = lists.grades.copy()
    grades[unseen] = grades[unseen][:, ::-1]
    after = validation.cross_validate(lists._replace(grades=grades), NDCG, groups, ONCE)
    grid = Grid(lists, NDCG)
    seen = np.setdiff1d(np.arange(30), unseen)
    expected = values(lists._replace(grades=grades).rows(unseen), grid(seen), NDCG)
    assert after.held_out["grid"][unseen].tolist() == expected.tolist()
    assert before.choices[0] == after.choices[0]


def placed(db: Conn, space_id: int, strengths: tuple[float, float], queries: int = 60) -> int:
    """A run over two vector legs; what a leg says of the relevant item is as strong as told."""
    rng = np.random.default_rng(9)
    ids = items(
        db,
        {f"P{n:03d}": "part" for n in range(150)},
        vector_sources={"text": {"title": ["title"], "other": ["title"]}},
    )
    vecs = {source: rng.normal(size=(150, 32)) for source in ("title", "other")}
    asked, wanted = rng.normal(size=(queries, 32)), rng.permutation(150)[:queries]
    for source, strength in zip(vecs, strengths, strict=True):
        vecs[source][wanted] += strength * asked
    rows = [(item, source, 0) for source in vecs for item in ids.values()]
    flat = np.concatenate(list(vecs.values()))
    flat /= np.linalg.norm(flat, axis=1, keepdims=True)
    put_vectors(db, space_id, rows, flat.astype(np.float16).astype(np.float32))
    names = list(ids)
    texts = [f"question {n}" for n in range(queries)]
    make_set(db, texts, {t: {names[w]: 1} for t, w in zip(texts, wanted, strict=True)})
    for text, vec in zip(texts, asked, strict=True):
        unit = (vec / np.linalg.norm(vec)).astype(np.float32)
        fetch(db, embedding.keep_query_vector(space_id=space_id, query=text, vec=unit))
    legs = [
        Leg(kind="vector", space="text", source="title"),
        Leg(kind="vector", space="text", source="other", name="other"),
    ]
    return own_run(db, legs=legs)


def test_a_fusion_that_helps_goes_live_and_is_what_search_does_next(
    db: Conn, dummy_space: int
) -> None:
    run_id = placed(db, dummy_space, (0.62, 0.38))
    db.execute(
        "INSERT INTO eval.profile (collection_id, name, active, weights)"
        """ SELECT id, 'by hand', true, '{"text": 0.1, "other": 1}' FROM core.collection"""
    )
    run = fetch(db, evals.run(run_id=run_id))[0]
    legs = [Leg(kind="vector", space="text", source="title"),
            Leg(kind="vector", space="text", source="other", name="other")]  # fmt: skip
    before = means(db, own_run(db, legs=legs), ["nDCG@5"])[0]
    report = profiles.tune(db, "parts", run_id, profiles.TuningOptions(measure="nDCG@5"))
    assert report.decision.activate, report.decision.reason
    assert set(report.decision.comparisons) == {"leg text", "live: by hand"}
    live = fetch(db, tuning.live_fusion(collection="parts"))[0]
    assert live == msgspec.structs.replace(report.fusion, name=f"tuned-{report.decision_id}")
    after = own_run(db, legs=legs)
    assert fetch(db, evals.run(run_id=after))[0].profile == live.name != run.profile
    assert means(db, after, ["nDCG@5"])[0] > before
    found = fetch(db, tuning.decisions())[0]
    assert (found.activated, found.in_use, found.kind) == (True, True, "fusion")
    assert found.figures["means"]["tuned"]["mean"] == pytest.approx(report.means["tuned"].mean)


def test_a_profile_for_one_kind_of_query_leaves_the_others_as_they_are(
    db: Conn, dummy_space: int
) -> None:
    run_id = placed(db, dummy_space, (0.62, 0.38))
    options = profiles.TuningOptions(measure="nDCG@5", kind="text")
    report = profiles.tune(db, "parts", run_id, options)
    assert report.decision.activate, report.decision.reason
    assert report.queries == 60
    of_texts = fetch(db, tuning.live_fusion(collection="parts", query_kind="text"))[0]
    assert of_texts.name == f"tuned-{report.decision_id}"
    assert fetch(db, tuning.live_fusion(collection="parts"))[0].name == "reciprocal ranks"
    assert fetch(db, tuning.decisions())[0].in_use
    legs = [Leg(kind="vector", space="text", source="title"),
            Leg(kind="vector", space="text", source="other", name="other")]  # fmt: skip
    routed = means(db, own_run(db, legs=legs), ["nDCG@5"])[0]
    assert routed > means(db, own_run(db, legs=legs, method="rrf"), ["nDCG@5"])[0]
    with pytest.raises(NotTunable, match="0 judged queries decide nothing; at least 10"):
        profiles.tune(db, "parts", run_id, profiles.TuningOptions(measure="nDCG@5", splits=ONCE))


@pytest.mark.parametrize("strengths", [(3.0, 0.0), (0.0, 0.0)], ids=["one leg", "no leg"])
def test_a_fusion_that_does_not_help_is_refused_and_nothing_changes(
    db: Conn, dummy_space: int, strengths: tuple[float, float]
) -> None:
    """One leg has everything and the other noise, or both have noise: fusing can only harm."""
    run_id = placed(db, dummy_space, strengths)
    report = profiles.tune(db, "parts", run_id, profiles.TuningOptions(measure="R@5", splits=ONCE))
    assert not report.decision.activate
    assert column(db, "SELECT name FROM eval.profile") == []
    found = fetch(db, tuning.decisions(collection="parts"))[0]
    assert (found.activated, found.in_use) == (False, False)
    assert "not above" in found.reason or "not shown to be better" in found.reason


def test_what_cannot_be_tuned_is_said(db: Conn, dummy_space: int) -> None:
    run_id = placed(db, dummy_space, (1.0, 1.0), queries=4)
    with pytest.raises(NotTunable, match="4 judged queries decide nothing; at least 10"):
        profiles.tune(db, "parts", run_id, profiles.TuningOptions())
    with pytest.raises(NotTunable, match="is 100 items deep, R@200 looks deeper"):
        profiles.tune(db, "parts", run_id, profiles.TuningOptions(measure="R@200"))
    with pytest.raises(NotTunable, match="is of the collection parts"):
        profiles.tune(db, "others", run_id, profiles.TuningOptions())
    one = own_run(db, legs=[Leg(kind="vector", space="text")])
    with pytest.raises(NotTunable, match="1 legs of run 2 list anything"):
        profiles.tune(db, "parts", one, profiles.TuningOptions())


def test_the_command_tells_what_it_found_and_why(
    db: Conn, db_url: str, dummy_space: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = placed(db, dummy_space, (0.62, 0.5))
    monkeypatch.setenv("SEOGO_DATABASE_URL", db_url)
    monkeypatch.setenv("COLUMNS", "140")

    def ask(*arguments: Any) -> str:
        done = CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    told = ask(
        "tune", "-c", "parts", "--run", run_id, "--measure", "nDCG@5", "--dry-run", "--repeats", 1
    )
    assert "60 queries in 60 groups, nDCG@5 held out" in told
    for system in ("leg text", "leg other", "live: reciprocal ranks", "grid", "tuned"):
        assert system in told
    assert column(db, "SELECT name FROM eval.profile") == []
    assert "fusion" in ask("decisions", "-c", "parts")
    # The grid is kept as it was tried: its cells are what these fusions are worth.
    assert "*" in ask("decisions", "--grid", 1)
    cells = fetch(db, proof.tuning_grid(decision_id=1))
    lists, measure = load(db, run_id), Measure.parse("nDCG@5")
    assert {cell.scaling for cell in cells} == {name_scaling(how) for how in scalings()}
    for cell in [next(c for c in cells if c.best), *cells[:: len(cells) // 5]]:
        how = next(h for h in scalings() if name_scaling(h) == cell.scaling)
        fusion = msgspec.structs.replace(how, weights=cell.weights)
        assert cell.value == pytest.approx(values(lists, fusion, measure).mean(), abs=1e-6)
        assert cell.value <= max(c.value for c in cells)
    with pytest.raises(UnknownName):
        fetch(db, proof.tuning_grid(decision_id=9))
