"""The guard lets through what is better on unseen queries, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.evaluation.guard import Contender, GuardDecision, decide

RNG = np.random.default_rng(8)
BASE = RNG.uniform(0, 0.7, 80)


def contender(name: str, values: np.ndarray, queries: int = 80) -> Contender:
    return Contender(name, {f"q{at}": float(v) for at, v in enumerate(values[:queries])})


def decision(
    candidate: np.ndarray, leg: np.ndarray, live: np.ndarray, queries: int = 80, **more: object
) -> GuardDecision:
    asked: dict[str, object] = {"trained_on": ["t1"], "measure": "nDCG@10"} | more
    return decide(
        contender("learned", candidate, queries),
        contender("lexical", leg, queries),
        contender("rrf", live, queries),
        **asked,  # type: ignore[arg-type]
    )


def test_what_is_better_than_both_goes_live() -> None:
    better = BASE + RNG.uniform(0, 0.2, 80)
    found = decision(better, BASE, BASE - 0.01)
    assert found.activate
    assert found.reason.startswith("better on 80 held-out queries: lexical: nDCG@10 +0.")
    assert set(found.comparisons) == {"lexical", "rrf"}
    assert found.comparisons["lexical"].p_randomisation < 0.05


def test_a_fusion_that_harms_is_refused() -> None:
    """Fusing a good leg with noise: better than the noise, worse than the leg alone."""
    harmed = np.clip(BASE - RNG.uniform(0, 0.2, 80), 0, 1)
    found = decision(harmed, BASE, harmed - 0.1)
    assert not found.activate
    assert "not above lexical" in found.reason
    assert "rrf" not in found.reason


def test_what_is_not_above_the_live_profile_is_refused() -> None:
    better = BASE + 0.1
    found = decision(better, BASE, better)
    assert not found.activate
    assert found.reason.startswith("learned has nDCG@10")
    assert "not above rrf" in found.reason


def test_a_gain_that_may_be_chance_is_refused() -> None:
    noise = RNG.normal(0, 0.3, 80)
    slightly = BASE + noise - noise.mean() + 0.01
    found = decision(slightly, BASE, BASE)
    assert not found.activate
    assert "not shown to be better than lexical: nDCG@10 +0.0100" in found.reason


def test_queries_seen_in_training_are_not_held_out() -> None:
    found = decision(BASE + 0.2, BASE, BASE, trained_on=["q7", "t1"])
    assert (found.activate, found.comparisons) == (False, {})
    assert found.reason == "1 of 80 queries were seen in training; nothing is held out"


def test_too_few_queries_decide_nothing() -> None:
    found = decision(BASE + 0.2, BASE, BASE, queries=9)
    assert not found.activate
    assert found.reason == "9 held-out queries decide nothing; at least 10 are wanted"


def test_contenders_must_have_answered_the_same_queries() -> None:
    with pytest.raises(ValueError, match="different queries"):
        decide(
            contender("learned", BASE, 80),
            contender("lexical", BASE, 79),
            contender("rrf", BASE, 80),
            trained_on=[],
            measure="nDCG@10",
        )


@settings(max_examples=25, deadline=None)
@given(gain=st.floats(-0.3, 0.3), spread=st.floats(0, 0.3), seed=st.integers(0, 1000))
def test_nothing_passes_that_has_not_the_highest_mean(
    gain: float, spread: float, seed: int
) -> None:
    noise = np.random.default_rng(seed).normal(gain, spread, 80)
    candidate = BASE + noise
    found = decision(candidate, BASE, BASE + gain / 2)
    if found.activate:
        assert candidate.mean() > max(BASE.mean(), (BASE + gain / 2).mean())
    assert found.reason
