"""Statistics of inspections, and drift of their scores."""

from __future__ import annotations

from typing import Literal

import msgspec

from db.calls.call import function, statement
from db.defects.statistic_rows import DefectCount, DefectDay, ScoreDrift


class DriftMeasured(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `ops.measure_score_drift`."""

    product: str
    view: str
    measure: Literal["calibration", "before", "share"]
    n: int
    reference_n: int
    value: float
    reference: float
    z: float
    alarm: bool


# Of the latest days.
defect_counts = statement("defects", "defect_counts", DefectCount, product=None, days=30)
defect_statistics = function("search.defect_statistics", DefectDay)
# What the latest measurement of each live bank found.
latest_drift = statement("defects", "latest_drift", ScoreDrift, product=None)
# All measurements of the latest days.
drift = statement("defects", "drift", ScoreDrift, product=None, days=90)
measure_drift = function("ops.measure_score_drift", DriftMeasured)
