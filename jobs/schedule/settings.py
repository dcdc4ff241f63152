"""Settings of the schedule."""

from __future__ import annotations

from typing import Annotated

import msgspec

from db.settings import PREFIX
from inputs.cron import OFF, fault, in_use


class ScheduleSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Cron expressions, in UTC, one per task: `SEOGO_CRON_…`; `off` leaves a task to be run by hand.

    An invalid one turns its own task off; `troubles` names it.
    """

    cron_embed_stale: str = "17 * * * *"
    cron_merge_postings: str = "*/10 * * * *"
    cron_measure_recall: str = "40 17 * * *"
    cron_nightly_evaluation: str = "10 18 * * *"
    cron_self_tuning: str = "40 18 * * *"
    cron_backup: str = OFF
    cron_rebuild_banks: str = "30 19 * * *"
    cron_measure_drift: str = "15 19 * * *"
    cron_forget_analyses: str = "50 19 * * *"
    cron_forget_events: str = "55 19 * * *"
    cron_calibrate_spaces: str = "20 19 * * *"
    cron_judge_quality: str = "0 20 * * *"
    cron_propose_synonyms: str = "10 20 * * *"
    cron_try_profiles: str = "*/15 * * * *"
    cron_propose_improvements: str = "30 20 * * *"

    def cron(self, task: str) -> str | None:
        """The expression of a task; None when it is off or invalid."""
        return in_use(None, str(getattr(self, f"cron_{task}")))

    def troubles(self) -> dict[str, str]:
        """Tasks with an invalid expression, each with the variable and its fault."""
        found = {}
        for field in self.__struct_fields__:
            value = str(getattr(self, field))
            trouble = None if value == OFF else fault(value)
            if trouble:
                found[field.removeprefix("cron_")] = f"{PREFIX}{field.upper()}: {value!r} {trouble}"
        return found


class LoopSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of nightly proposals.

    Attributes:
        accept_profiles: put proposed profiles to their live test without asking a person.
    """

    accept_profiles: bool = False


class EventSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Retention of events.

    Attributes:
        event_days: days after which events that wait for no webhook are deleted with their deliveries.
    """

    event_days: Annotated[int, msgspec.Meta(ge=1, le=36500)] = 30
