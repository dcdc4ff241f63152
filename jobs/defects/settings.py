"""Settings of stored analyses."""

from __future__ import annotations

from typing import Annotated

import msgspec


class AnalysisSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Retention of analyses.

    Attributes:
        analysis_days: days after which analyses are deleted with their images; None: they stay.
    """

    analysis_days: Annotated[int, msgspec.Meta(ge=1, le=36500)] | None = None
