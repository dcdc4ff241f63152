"""From held-out values to a decision that is written down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from db.calls.query import fetch
from db.evaluation import query_sets, tuning
from jobs.evaluation.guard import Contender, Decision, decide
from jobs.tuning import validation
from jobs.tuning.lists import relevant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from db.evaluation.rows import EvaluationRun
    from jobs.types import Conn

Floats = NDArray[np.float64]


def groups_of(
    conn: Conn, run: EvaluationRun, source: str, grouping: validation.Grouping
) -> list[int]:
    """A group per judged query of a run's set."""
    truth = relevant(conn, run.query_set, source)
    queries = fetch(conn, query_sets.queries(query_set=run.query_set))
    return validation.grouped(grouping, truth, {q.external_id: q.item for q in queries})


def decided(
    queries: Sequence[str],
    candidate: Mapping[str, Floats],
    legs: Mapping[str, Floats],
    live: Mapping[str, Floats],
    measure: str,
) -> Decision:
    """Ask the guard about held-out values by name of the system: the best leg and what is live are rivals."""
    best = max(legs, key=lambda leg: float(legs[leg].mean()))
    asked = [*candidate.items(), (best, legs[best]), *live.items()]
    named = [
        Contender(name, dict(zip(queries, map(float, by_query), strict=True)))
        for name, by_query in asked
    ]
    # Each value is by a fit that has not seen its query, so none was trained on.
    return decide(*named, trained_on=(), measure=measure)


def write_down(
    conn: Conn,
    run: EvaluationRun,
    *,
    kind: Literal["fusion", "rerank", "lexical"],
    source: str,
    measure: str,
    candidate: Mapping[str, Any],
    decision: Decision,
    figures: Mapping[str, Any],
) -> int:
    """Keep a decision with its reason and its figures; returns its id."""
    put = tuning.put_decision(
        collection=run.collection,
        kind=kind,
        run_id=run.run_id,
        source=source,
        measure=measure,
        candidate=candidate,
        activated=decision.activate,
        reason=decision.reason,
        figures=msgspec.to_builtins({**figures, "comparisons": decision.comparisons}),
    )
    return fetch(conn, put)[0].id
