"""When tasks are due."""

from __future__ import annotations

import msgspec
from croniter import croniter

OFF = "off"


class ScheduleSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Cron expressions, in UTC, one per task: `SEOGO_CRON_…`; `off` leaves a task to be run by hand.

    Attributes:
        cron_embed_stale: queue what no trigger has seen.
        cron_merge_postings: keep the lexical indexes compact.
        cron_measure_recall: measure the vector indexes.
        cron_nightly_evaluation: ask all judged queries.
        cron_backup: back the database up.
        cron_rebuild_banks: build memory banks anew whose normal pictures are others now.
        cron_forget_analyses: delete analyses that are older than `SEOGO_ANALYSIS_DAYS`.
    """

    cron_embed_stale: str = "17 * * * *"
    cron_merge_postings: str = "*/10 * * * *"
    cron_measure_recall: str = "40 17 * * *"
    cron_nightly_evaluation: str = "10 18 * * *"
    cron_backup: str = OFF
    cron_rebuild_banks: str = "30 19 * * *"
    cron_forget_analyses: str = "50 19 * * *"

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if value != OFF and not croniter.is_valid(value):
                raise ValueError(f"not a cron expression: {value!r}, write such as '*/10 * * * *'")

    def cron(self, task: str) -> str | None:
        """The expression of a task; None when it is off."""
        value = str(getattr(self, f"cron_{task}"))
        return None if value == OFF else value
