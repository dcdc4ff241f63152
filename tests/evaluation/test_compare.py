"""Resampling tests against exact enumeration, and where no test is needed to know the answer."""

from __future__ import annotations

from importlib import import_module
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encoders.settings import EncoderSettings
from flows.evaluation import compare
from flows.evaluation.compare import NotComparable
from flows.local import Local
from tests.evaluation.support import foreign_run, items, make_set

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

figures = st.lists(
    st.tuples(*[st.floats(0, 1).map(lambda x: round(x, 2))] * 2), min_size=1, max_size=9
)


@settings(max_examples=40, deadline=None)
@given(pairs=figures)
def test_the_randomisation_test_is_the_exact_one_but_for_its_sampling(
    pairs: list[tuple[float, float]],
) -> None:
    first, second = np.array(pairs).T
    found = compare.compare(first, second, resamples=4000)
    each = second - first
    every = np.array([np.mean(np.array(s) * each) for s in product([-1, 1], repeat=len(each))])
    exact = np.mean(np.abs(every) >= abs(each.mean()) - 1e-12)
    # Four standard deviations of a share of 4,000 draws, and the draw that is the observation.
    assert found.p_randomisation == pytest.approx(exact, abs=4 * 0.5 / 4000**0.5 + 1 / 4000)
    assert found.wins + found.losses + found.ties == found.queries == len(pairs)
    assert found.difference.mean == pytest.approx(each.mean())
    assert found.difference.low - 1e-9 <= each.mean() <= found.difference.high + 1e-9


def test_it_agrees_with_scipy() -> None:
    stats: Any = import_module("scipy.stats")
    rng = np.random.default_rng(11)
    first = rng.uniform(size=60)
    second = np.clip(first + rng.normal(0.03, 0.1, 60), 0, 1)
    found = compare.compare(first, second)
    theirs = stats.permutation_test(
        (second, first),
        lambda a, b: np.mean(a - b),
        permutation_type="samples",
        n_resamples=10_000,
        rng=1,
    )
    assert found.p_randomisation == pytest.approx(theirs.pvalue, abs=0.02)
    paired = stats.ttest_rel(second, first)
    assert found.p_bootstrap == pytest.approx(paired.pvalue, abs=0.02)
    interval = paired.confidence_interval(0.95)
    assert found.difference.low == pytest.approx(interval.low, abs=0.004)
    assert found.difference.high == pytest.approx(interval.high, abs=0.004)


def test_the_same_seed_gives_the_same_figures_and_swapping_the_runs_turns_them_round() -> None:
    rng = np.random.default_rng(2)
    first, second = rng.uniform(size=(2, 30))
    forth = compare.compare(first, second, seed=5)
    assert compare.compare(first, second, seed=5) == forth
    back = compare.compare(second, first, seed=5)
    assert back.difference.mean == pytest.approx(-forth.difference.mean)
    assert back.difference.low == pytest.approx(-forth.difference.high)
    assert (back.wins, back.losses, back.ties) == (forth.losses, forth.wins, forth.ties)
    assert back.p_randomisation == forth.p_randomisation


def test_equal_runs_do_not_differ_and_a_clear_gain_is_clear() -> None:
    values = np.linspace(0, 0.5, 40)
    same = compare.compare(values, values)
    assert (same.p_randomisation, same.p_bootstrap, same.ties) == (1.0, 1.0, 40)
    assert same.difference == compare.Interval(0, 0, 0)
    better = compare.compare(values, values + 0.1)
    assert better.p_randomisation == better.p_bootstrap == pytest.approx(1 / 10_001)
    assert better.difference.low == pytest.approx(0.1)


def test_chunks_of_draws_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    first, second = rng.uniform(size=(2, 30))
    whole = compare.compare(first, second, resamples=500)
    monkeypatch.setattr(compare, "CELLS", 1)
    assert compare.compare(first, second, resamples=500) == whole


def test_values_of_different_queries_are_refused() -> None:
    with pytest.raises(ValueError, match="values of the same queries"):
        compare.compare(np.zeros(3), np.zeros(4))
    with pytest.raises(ValueError, match="values of the same queries"):
        compare.compare(np.zeros(0), np.zeros(0))


def test_runs_are_compared_query_by_query(db: Conn) -> None:
    items(db, dict.fromkeys("ABC", "pump"))
    make_set(db, ["1", "2", "3", "4"], {q: {"A": 1} for q in "123"})
    make_set(db, ["1"], {"1": {"A": 1}}, name="other")
    first = foreign_run(db, {"1": {"A": 1.0}, "2": {"B": 2.0, "A": 1.0}})
    second = foreign_run(db, {"2": {"A": 2.0}, "3": {"C": 2.0, "A": 1.0}, "4": {"B": 1.0}})
    found, changes = Local(db, EncoderSettings()).run(
        compare.compare_runs(first, second, ["RR@10"])
    )["RR@10"]
    assert found.means == pytest.approx((1.5 / 3, 1.5 / 3))
    assert (found.queries, found.wins, found.losses, found.ties) == (3, 2, 1, 0)
    assert [(c.query, c.before, c.after) for c in changes] == [
        ("1", 1.0, 0.0),
        ("2", 0.5, 1.0),
        ("3", 0.0, 0.5),
    ]
    with pytest.raises(NotComparable, match=r"asked the set set, run \d+ other"):
        Local(db, EncoderSettings()).run(
            compare.compare_runs(first, foreign_run(db, {}, query_set="other"))
        )
    db.execute("UPDATE eval.run SET finished_at = NULL WHERE id = %s", (second,))
    with pytest.raises(NotComparable, match="was never finished"):
        Local(db, EncoderSettings()).run(compare.compare_runs(first, second))
