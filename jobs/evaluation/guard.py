"""The guard: a candidate goes live only where it is better on held-out queries.

Better than the best single leg, so that fusion is worth having, and better than what is live. Otherwise
what is live stays, and the reason is reported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from flows.evaluation.compare import Comparison, compare

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from jobs.types import Floats

ALPHA = 0.05
# With n queries the smallest p value there can be is 2 / 2**n: fewer would pass only where all agree.
MIN_QUERIES = 10
# So much a fusion may be below its best leg: less is not noticed, and noise of some hundred queries is more.
MARGIN = 0.005


class Contender(msgspec.Struct, frozen=True):
    """A system and its value on each held-out query, by the query's external_id."""

    name: str
    values: Mapping[str, float]

    @property
    def mean(self) -> float:
        """Mean over its queries."""
        return float(np.mean(list(self.values.values())))


class GuardDecision(msgspec.Struct, frozen=True, kw_only=True):
    """Decision on a candidate, the reason, and the comparisons by rival."""

    activate: bool
    reason: str
    comparisons: dict[str, Comparison] = {}


def decide(
    candidate: Contender,
    best_leg: Contender,
    live: Contender,
    *,
    trained_on: Collection[str],
    measure: str,
    alpha: float = ALPHA,
    min_queries: int = MIN_QUERIES,
) -> GuardDecision:
    """Compare a candidate with the best single leg and with what is live, on held-out queries.

    It passes where its mean is higher than either rival's and the randomisation test gives a
    difference at least as large by chance in less than `alpha` of the cases.

    `live` is the active profile, or plain reciprocal ranks; `trained_on` has every query that learning, or
    the choice of the candidate, has seen. Fewer than `min_queries` held-out queries decide nothing.

    Raises:
        ValueError: the contenders were not measured on the same queries.
    """
    queries = sorted(candidate.values)
    if any(sorted(rival.values) != queries for rival in (best_leg, live)):
        raise ValueError("the contenders were measured on different queries")
    if seen := set(queries) & set(trained_on):
        return GuardDecision(
            activate=False,
            reason=f"{len(seen)} of {len(queries)} queries were seen in training; nothing is held out",
        )
    if len(queries) < min_queries:
        return GuardDecision(
            activate=False,
            reason=f"{len(queries)} held-out queries decide nothing; at least {min_queries} are wanted",
        )
    compared = {
        rival.name: compare(_values(rival, queries), _values(candidate, queries), measure=measure)
        for rival in (best_leg, live)
    }
    failed = [_objection(candidate, r, compared[r.name], alpha) for r in (best_leg, live)]
    objections = list(dict.fromkeys(reason for reason in failed if reason))
    found = "; ".join(_format(rival, compared[rival]) for rival in compared)
    return GuardDecision(
        activate=not objections,
        reason="; ".join(objections) or f"better on {len(queries)} held-out queries: {found}",
        comparisons=compared,
    )


def decide_no_worse(
    learned: Floats, alone: Mapping[str, Floats], gain: Comparison, live: str
) -> GuardDecision:
    """Let through what is better than the fusion in use and no worse than the best leg, beyond a margin.

    It need not be better than the best leg, as `decide` wants it: where the fusion in use is worse than that
    leg, one that equals it is worth having.
    """
    best = max(alone, key=lambda leg: float(alone[leg].mean()))
    below = float(alone[best].mean() - learned.mean())
    told = (
        f"{gain.difference.mean:+.4f} [{gain.difference.low:+.4f}, {gain.difference.high:+.4f}]"
        f" {gain.measure} over {live} on {gain.queries} held-out queries, p {gain.p_randomisation:.4f}"
    )
    if below > MARGIN:
        return GuardDecision(activate=False, reason=f"{below:.4f} below {best} alone")
    if gain.difference.mean <= 0 or gain.p_randomisation >= ALPHA:
        return GuardDecision(activate=False, reason=f"not shown to be better: {told}")
    return GuardDecision(activate=True, reason=told, comparisons={live: gain})


def _values(contender: Contender, queries: list[str]) -> Floats:
    return np.array([contender.values[query] for query in queries], dtype=np.float64)


def _objection(winner: Contender, rival: Contender, found: Comparison, alpha: float) -> str | None:
    """The reason why the candidate does not beat a rival, or None."""
    if found.difference.mean <= 0:
        return (
            f"{winner.name} has {found.measure} {winner.mean:.4f},"
            f" not above {rival.name} with {rival.mean:.4f}"
        )
    if found.p_randomisation >= alpha:
        return f"not shown to be better than {_format(rival.name, found)}"
    return None


def _format(rival: str, found: Comparison) -> str:
    d = found.difference
    return (
        f"{rival}: {found.measure} {d.mean:+.4f} [{d.low:+.4f}, {d.high:+.4f}],"
        f" p {found.p_randomisation:.4f}, {found.wins} better, {found.losses} worse"
    )
