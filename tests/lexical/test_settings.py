from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb


@pytest.mark.parametrize("weight", ["abc", "NaN", True, [1], None, -1, 1e39, 1e-50])
def test_a_weight_that_cannot_be_used_is_refused(db: psycopg.Connection[Any], weight: Any) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="field_weights"):
        db.execute(
            "SELECT ops.create_collection('c', field_weights => %s)", (Jsonb({"t": weight}),)
        )


def test_weights_from_nothing_to_a_thousand_are_taken(db: psycopg.Connection[Any]) -> None:
    weights = Jsonb({"a": 0, "b": 0.001, "c": 1000})
    db.execute("SELECT ops.create_collection('c', field_weights => %s)", (weights,))


def test_runs_of_combining_marks_do_not_take_the_square_of_their_length(
    db: psycopg.Connection[Any],
) -> None:
    db.execute("SET statement_timeout = '10s'")
    text = "a" + "\u0301\u0323" * 100_000
    row = db.execute("SELECT cardinality(search.analyze('korean', %s))", (text,)).fetchone()
    assert row == (1,)
