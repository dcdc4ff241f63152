"""Every measure against ir_measures, on rankings with ties, gaps, and queries without answers."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.calls.query import fetch
from db.errors import BadRequest, UnknownName
from db.evaluation import evals
from db.evaluation.rows import QueryIn
from tests.evaluation.support import foreign_run, items, make_set, means, values
from tests.sql.helpers import column, put

if TYPE_CHECKING:
    from tests.evaluation.support import Answers, Qrels
    from tests.sql.helpers import Conn

# Made one by one in this order, so that ties in the order of item_id are not in that of the names.
KNOWN = [f"D{n:02d}" for n in (7, 3, 11, 0, 5, 9, 1, 8, 2, 10, 6, 4)]
DOCS = [*KNOWN, "unknown-b", "unknown-a"]
QUERIES = [f"q{n}" for n in range(6)]
SAME_NAME = (
    *("nDCG", "nDCG@3", "nDCG@10", "R@1", "R@5", "R(rel=2)@5", "P@1", "P@10", "P(rel=3)@5"),
    *(
        "Success@1",
        "Success@5",
        "RR",
        "RR@3",
        "RR(rel=2)@10",
        "AP",
        "AP@4",
        "AP(rel=2)",
        "Judged@5",
    ),
)
GAINS = {grade: 2**grade - 1 for grade in range(1, 8)}
fresh_name = map("set{}".format, count())


@cache
def ir_measures() -> Any:
    return import_module("ir_measures")


@pytest.fixture
def twelve(db: Conn) -> dict[str, int]:
    items(db, {})
    return {key: put(db, {key: {"title": "pump"}})[key] for key in KNOWN}


@st.composite
def campaigns(draw: st.DrawFn) -> tuple[Qrels, Answers]:
    """Judgments and answers; some queries lack either, some judgments are all 0."""
    highest = draw(st.sampled_from([1, 3, 7]))
    grades = st.dictionaries(st.sampled_from(DOCS), st.integers(0, highest), max_size=8)
    scores = st.dictionaries(st.sampled_from(DOCS), st.sampled_from([0.5, 1.0, 2.0, -3.25]))
    some = st.sampled_from(QUERIES)
    return (
        draw(st.dictionaries(some, grades.filter(bool), min_size=1)),
        draw(st.dictionaries(some, scores)),
    )


def ranked(scores: dict[str, float], ids: dict[str, int]) -> list[str]:
    """By score, then item_id, then (not in the collection) name."""
    return sorted(scores, key=lambda d: (-scores[d], ids.get(d, 10**9), d))


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(campaign=campaigns())
def test_measures_are_those_of_ir_measures(
    db: Conn, twelve: dict[str, int], campaign: tuple[Qrels, Answers]
) -> None:
    qrels, answers = campaign
    query_set = next(fresh_name)
    make_set(db, QUERIES, qrels, name=query_set)
    run_id = foreign_run(db, answers, query_set=query_set)
    run = {
        query: {doc: -at for at, doc in enumerate(ranked(scores, twelve))}
        for query, scores in answers.items()
        if scores
    }
    library = ir_measures()
    # Apart: asked together with mapped gains, ir_measures may map those of the plain nDCG as well.
    plain = [library.parse_measure(name) for name in SAME_NAME]
    exponential = library.nDCG(gains=GAINS) @ 5
    theirs = dict(zip(SAME_NAME, plain, strict=True)) | {"nDCG(dcg='exp-log2')@5": exponential}
    wanted = {
        (found.measure, found.query_id): found.value
        for asked in (plain, [exponential])
        for found in library.iter_calc(asked, qrels, run)
    }
    found = values(db, run_id, list(theirs))
    judged = [query for query in QUERIES if query in qrels]
    for name, measure in theirs.items():
        expected = [wanted[measure, query] for query in judged]
        assert found[name] == pytest.approx(expected, abs=1e-9), name
    overall = library.calc_aggregate(plain, qrels, run)
    assert means(db, run_id, SAME_NAME) == pytest.approx([overall[m] for m in plain], abs=1e-9)


def test_exponential_gain_is_that_of_gdeval(db: Conn, twelve: dict[str, int]) -> None:
    """The script of the TREC web track, which knows numbers as queries and grades up to 4."""
    qrels = {"1": {"D07": 4, "D03": 1, "D11": 0, "D00": 2}, "2": {"D05": 3, "unknown-a": 4}}
    answers = {"1": {"D03": 3.0, "D05": 2.0, "D07": 1.0}, "2": {"D01": 2.0, "D05": 1.0}}
    make_set(db, ["1", "2"], qrels)
    library = ir_measures()
    gdeval = library.providers.registry["gdeval"]
    if not gdeval.is_available():
        pytest.skip("gdeval needs perl")
    measure = library.parse_measure("nDCG(dcg='exp-log2')@3")
    wanted = {m.query_id: m.value for m in gdeval.iter_calc([measure], qrels, answers)}
    found = values(db, foreign_run(db, answers), [str(measure)])[str(measure)]
    assert found == pytest.approx([wanted["1"], wanted["2"]], abs=1e-5)


def test_figures_worked_out_by_hand(db: Conn, twelve: dict[str, int]) -> None:
    make_set(db, ["q"], {"q": {"D07": 3, "D03": 1, "D00": 0}})
    run_id = foreign_run(db, {"q": {"D11": 9.0, "D03": 8.0, "D00": 7.0}})
    measures = ("RR@10", "P@4", "R@4", "AP", "Judged@4", "nDCG@4")
    by_hand = [1 / 2, 1 / 4, 1 / 2, (1 / 2) / 2, 2 / 3, (1 / 1.5849625) / (3 + 1 / 1.5849625)]
    assert means(db, run_id, measures) == pytest.approx(by_hand, abs=1e-7)


def test_a_grade_below_zero_is_judged_and_worth_nothing(db: Conn, twelve: dict[str, int]) -> None:
    make_set(db, ["q"], {"q": {"D07": -2, "D03": 2}})
    run_id = foreign_run(db, {"q": {"D07": 2.0, "D03": 1.0}})
    wanted = [1 / 1.5849625, 1 / 2, 1.0]
    assert means(db, run_id, ["nDCG@10", "RR@10", "Judged@10"]) == pytest.approx(wanted, abs=1e-7)


def test_the_item_that_is_the_query_is_neither_hit_nor_judgment(
    db: Conn, twelve: dict[str, int]
) -> None:
    queries = [QueryIn(external_id="same", item="D07"), QueryIn(external_id="other", item="D00")]
    make_set(db, queries, {"same": {"D07": 3, "D03": 1}, "other": {"D07": 3, "D03": 1}})
    answers = {query: {"D07": 2.0, "D03": 1.0} for query in ("same", "other")}
    found = values(db, foreign_run(db, answers), ["R@1", "nDCG@10", "Judged@1"])
    assert found["R@1"] == [1.0, 0.5]
    assert found["nDCG@10"] == pytest.approx([1.0, 1.0])
    assert found["Judged@1"] == [1.0, 1.0]


def test_a_measure_looks_to_its_depth_and_without_one_to_that_of_the_run(
    db: Conn, twelve: dict[str, int]
) -> None:
    make_set(db, ["q"], {"q": {"D07": 1}})
    answers = {"q": {"D03": 3.0, "D11": 2.0, "D07": 1.0}}
    deep = ["R@10", "RR@3", "AP@10", "nDCG@1000", "R@2"]
    for k, wanted in ((3, 1 / 3), (2, 0.0), (1, 0.0)):
        run_id = foreign_run(db, answers, k=k)
        assert means(db, run_id, ["RR", "AP", "nDCG"]) == pytest.approx(
            [wanted, wanted, 0.5 if wanted else 0.0]
        )
        assert means(db, run_id, deep) == pytest.approx([1.0, 1 / 3, 1 / 3, 0.5, 0.0])
        (blamed,) = fetch(db, evals.blame(run_id=run_id, k=3))
        assert (blamed.verdict, blamed.rank) == ("found", 3)


def test_a_query_counts_in_each_of_its_categories(db: Conn, twelve: dict[str, int]) -> None:
    queries = [
        QueryIn(external_id="a", text="a", categories=["short", "ko"]),
        QueryIn(external_id="b", text="b", categories=["ko", "ko"]),
        QueryIn(external_id="c", text="c", categories=["en"]),
        QueryIn(external_id="unjudged", text="d", categories=["de"]),
    ]
    make_set(db, queries, {query: {"D07": 1} for query in "abc"})
    run_id = foreign_run(db, {"a": {"D07": 1.0}, "unjudged": {"D07": 1.0}})
    found = fetch(db, evals.metrics(run_id=run_id, measures=["R@5", "P@1"], by_category=True))
    assert [(m.measure, m.category, m.queries, m.value) for m in found] == [
        ("R@5", None, 3, pytest.approx(1 / 3)),
        ("R@5", "en", 1, 0.0),
        ("R@5", "ko", 2, 0.5),
        ("R@5", "short", 1, 1.0),
        ("P@1", None, 3, pytest.approx(1 / 3)),
        ("P@1", "en", 1, 0.0),
        ("P@1", "ko", 2, 0.5),
        ("P@1", "short", 1, 1.0),
    ]


NO_MEASURES = (
    *("ndcg@10", "R", "P", "nDCG@0", "R(rel=0)@5", "nDCG(rel=2)@5", "AP(dcg='log2')"),
    *("R@5 ", "", "MAP", "Judged(rel=1)@5"),
)


def test_other_names_are_no_measures(db: Conn, twelve: dict[str, int]) -> None:
    make_set(db, ["q"], {"q": {"D07": 1}})
    run_id = foreign_run(db, {})
    for name in NO_MEASURES:
        with pytest.raises(BadRequest, match="unknown measure"):
            values(db, run_id, [name])


def test_one_source_is_found_and_of_several_one_is_named(db: Conn, twelve: dict[str, int]) -> None:
    make_set(db, ["q"], {"q": {"D07": 1}})
    run_id = foreign_run(db, {"q": {"D03": 1.0}})
    assert means(db, run_id, ["R@5"]) == [0.0]
    make_set(db, ["q"], {"q": {"D03": 1}}, source="llm")
    assert means(db, run_id, ["R@5"], source="llm") == [1.0]
    with pytest.raises(BadRequest, match="several sources") as refused:
        means(db, run_id, ["R@5"])
    assert refused.value.hint == "Sources: llm, qrels"
    with pytest.raises(UnknownName, match="no judgments from human"):
        means(db, run_id, ["R@5"], source="human")


def test_a_set_without_judgments_and_an_unknown_run_are_errors(
    db: Conn, twelve: dict[str, int]
) -> None:
    make_set(db, ["q"])
    with pytest.raises(BadRequest, match="no judgments"):
        means(db, foreign_run(db, {}), ["R@5"])
    with pytest.raises(UnknownName, match="unknown evaluation run: 4711"):
        means(db, 4711, ["R@5"])


def test_the_view_has_the_usual_measures_of_every_source(db: Conn, twelve: dict[str, int]) -> None:
    make_set(db, ["q"], {"q": {"D07": 1}})
    make_set(db, ["q"], {"q": {"D03": 1}}, source="llm")
    run_id = foreign_run(db, {"q": {"D07": 1.0}}, label="theirs")
    rows = db.execute(
        "SELECT source, value FROM eval.run_metrics WHERE run_id = %s AND measure = 'RR@10'"
        " AND label = 'theirs' ORDER BY source",
        (run_id,),
    ).fetchall()
    assert rows == [("llm", 0.0), ("qrels", 1.0)]
    usual = column(db, "SELECT unnest(impl.default_measures())")
    assert usual == column(
        db, "SELECT measure FROM eval.run_metrics WHERE run_id = %s AND source = 'llm'", (run_id,)
    )
