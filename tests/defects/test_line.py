"""Statistics and drift of scores in SQL."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from jobs.defects.drift import drift_checks
from tests.defects.test_sql import analysis, bank
from tests.sql.helpers import column

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

    Conn = psycopg.Connection[Any]


def judged(db: Conn, bank_id: int, scores: Sequence[float]) -> None:
    db.execute(
        "INSERT INTO core.analysis (product_id, view, bank_id, score, threshold)"
        " SELECT b.product_id, b.view, b.id, s.score, b.threshold"
        " FROM core.patch_bank AS b, unnest(%s::real[]) AS s(score) WHERE b.id = %s",
        (list(scores), bank_id),
    )


def live(db: Conn, calibration: Sequence[float]) -> int:
    made = bank(db)
    db.execute("SELECT ops.switch_bank(%s)", (made,))
    db.execute(
        "WITH made AS (SELECT u.item_id, n FROM unnest(%s::real[]) WITH ORDINALITY AS s(score, n)"
        " CROSS JOIN LATERAL ops.upsert_items('defects', jsonb_build_array(jsonb_build_object("
        "     'external_id', 'c' || n))) AS u)"
        " INSERT INTO core.normal_score (bank_id, item_id, score)"
        " SELECT %s, m.item_id, (%s::real[])[m.n] FROM made AS m",
        (list(calibration), made, list(calibration)),
    )
    return made


def spread(n: int, low: float, high: float) -> list[float]:
    return [low + (high - low) * at / n for at in range(n)]


@pytest.mark.parametrize(
    ("recent", "reference"),
    [
        ([3.0, 4.0], [1.0, 2.0]),
        ([1.0, 2.0, 2.0, 5.0], [2.0, 2.0, 4.0]),
        ([1.0], [1.0, 1.0]),
        ([0.5], []),
    ],
)
def test_ranks_are_those_of_counted_pairs(
    db: Conn, recent: list[float], reference: list[float]
) -> None:
    pairs = [(a > b) + (a == b) / 2 for a in recent for b in reference]
    row = db.execute(
        "SELECT value, z FROM impl.rank_drift(%s::real[], %s::real[])", (recent, reference)
    ).fetchone()
    assert row is not None
    assert row[0] == (pytest.approx(sum(pairs) / len(pairs)) if pairs else None)
    assert (row[1] or 0) * ((row[0] or 0.5) - 0.5) >= 0


def test_drift_is_measured_told_and_in_the_health_checks(product: Conn) -> None:
    one = live(product, spread(40, 0.5, 1.9))
    judged(product, one, spread(60, 0.5, 1.9))
    steady = product.execute("SELECT measure, alarm FROM ops.measure_score_drift(200)").fetchall()
    assert steady == [("calibration", False)]
    # Nothing new: nothing is measured again.
    assert product.execute("SELECT * FROM ops.measure_score_drift(200)").fetchall() == []
    assert [check.state for check in drift_checks(product)] == ["ok"]
    judged(product, one, spread(40, 1.5, 2.6))
    found = product.execute(
        "SELECT measure, n, reference_n, alarm FROM ops.measure_score_drift(40, 10)"
    ).fetchall()
    assert found == [
        ("before", 40, 60, True),
        ("calibration", 19, 40, True),
        ("share", 40, 60, True),
    ]
    (check,) = drift_checks(product)
    assert check.state == "warn"
    assert "52% of recent pictures are above the threshold, 0% before" in check.detail
    told = column(product, "SELECT data FROM search.events WHERE kind = 'drift.measured'")
    assert [(one["product"], one["view"], one["alarm"]) for one in told] == [
        ("plate", "main", False),
        ("plate", "main", True),
    ]
    # Known defects are no drift: pictures that a person called defective do not count.
    product.execute(
        "SELECT ops.give_feedback(a.id, 'scratch') FROM core.analysis AS a WHERE a.score > 1.9"
    )
    judged(product, one, [1.0])
    assert product.execute(
        "SELECT n FROM ops.measure_score_drift(40, 10) WHERE measure = 'share'"
    ).fetchall() == [(40,)]


def test_statistics_say_what_people_said(product: Conn) -> None:
    for score, said in ((5.0, None), (5.0, "scratch"), (4.0, ""), (1.0, "stain"), (None, None)):
        made = analysis(product, score)
        if said is not None:
            product.execute("SELECT ops.give_feedback(%s, %s)", (made, said or None))
    rows = product.execute(
        "SELECT product, pictures, judged, defective, refuted, missed, confirmed, guessed, median"
        " FROM search.defect_statistics('plate', 1)"
    ).fetchall()
    assert rows == [("plate", 5, 4, 3, 1, 1, 1, 0, 2.25)]


def test_the_next_labels_are_uncertain_and_unlike_each_other(product: Conn) -> None:
    def looks(score: float | None, *items: int) -> int:
        near = [{"item_id": item, "label": "normal", "score": 0.9} for item in items]
        return analysis(product, score, json.dumps(near))

    first = looks(2.0, 1, 2, 3)
    twins = [looks(2.02, 1, 2, 3), looks(1.95, 1, 2, 3)]
    other = looks(1.6, 7, 8, 9)
    looks(0.5, 1, 2, 3)  # certain
    said = looks(2.0, 4, 5, 6)
    product.execute("SELECT ops.give_feedback(%s, NULL)", (said,))
    rows = product.execute(
        "SELECT analysis_id, round(uncertainty::numeric, 2)::float8, novelty, covers, alarms, passes, waiting"
        " FROM search.next_labels('plate', 2)"
    ).fetchall()
    assert rows == [(first, 1.0, 1.0, 3, 1, 2, 4), (other, 0.6, 1.0, 1, 0, 1, 4)]
    # A surface that was picked already is worth nothing more.
    whole = product.execute(
        "SELECT analysis_id, novelty FROM search.next_labels('plate')"
    ).fetchall()
    assert whole[2:] == [(twins[0], 0.0), (twins[1], 0.0)]
    assert product.execute("SELECT * FROM search.next_labels('plate', 1)").rowcount == 1
