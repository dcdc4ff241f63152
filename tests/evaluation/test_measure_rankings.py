"""Measures of rankings that are given, beside ir_measures."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.calls.query import fetch
from db.errors import BadRequest
from db.evaluation import evals

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

IDS = [f"d{n}" for n in range(12)]
MEASURES = ("nDCG@10", "R@10", "RR@10", "P@5", "AP")
ranking = st.fixed_dictionaries(
    {
        "found": st.lists(st.sampled_from(IDS), unique=True),
        "relevant": st.dictionaries(st.sampled_from(IDS), st.integers(0, 3), min_size=1),
    }
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rankings=st.lists(ranking, min_size=1, max_size=5))
def test_means_are_those_of_ir_measures(db: Conn, rankings: list[dict[str, Any]]) -> None:
    ir = import_module("ir_measures")
    qrels = {str(at): one["relevant"] for at, one in enumerate(rankings)}
    run = {
        str(at): {doc: 100.0 - rank for rank, doc in enumerate(one["found"])}
        for at, one in enumerate(rankings)
    }
    wanted = ir.calc_aggregate([ir.parse_measure(name) for name in MEASURES], qrels, run)
    found = fetch(db, evals.measure_rankings(rankings=rankings, measures=list(MEASURES)))
    assert [row.measure for row in found] == list(MEASURES)
    assert {row.queries for row in found} == {len(rankings)}
    for row in found:
        assert row.value == pytest.approx(wanted[ir.parse_measure(row.measure)], abs=1e-9)


def test_a_repeated_id_counts_once_and_bad_input_is_refused(db: Conn) -> None:
    twice = {"found": ["a", "a", "b"], "relevant": {"b": 1}}
    (found,) = fetch(db, evals.measure_rankings(rankings=[twice], measures=["RR@10"]))
    assert found.value == pytest.approx(1 / 2)
    assert fetch(db, evals.measure_rankings(rankings=[], measures=["R@10"])) == []
    for bad in ({"found": []}, [{"found": ["a"]}], [{"found": "a", "relevant": {}}]):
        with pytest.raises(BadRequest, match="rankings are a list"):
            fetch(db, evals.measure_rankings(rankings=bad))
