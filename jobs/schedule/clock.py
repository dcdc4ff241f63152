"""The clock of the schedule: which tasks are due when, by settings and by what people set meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from procrastinate.periodic import PeriodicTask

from inputs.cron import in_use
from jobs.schedule.tasks import TASKS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import procrastinate

    from db.operations.schedule import TaskTime
    from jobs.schedule.settings import ScheduleSettings


def times(settings: ScheduleSettings, rows: Sequence[TaskTime]) -> dict[str, str]:
    """Tasks that the clock runs, with their expressions; a person's come before the settings."""
    found: dict[str, str] = {}
    people = {row.task: row.cron for row in rows if row.cron is not None}
    for task in TASKS:
        of_person = people.get(task.name)
        cron = settings.cron(task.name) if of_person is None else in_use(of_person, None)
        if cron is not None:
            found[task.name] = cron
    return found


def plan(app: procrastinate.App, wanted: Mapping[str, str], *, but: str) -> None:
    """Have the clock run tasks by these expressions, in place of those it has; `but` stays as it is."""
    planned = app.periodic_registry.periodic_tasks
    upkeep = {key: one for key, one in planned.items() if one.task.name == but}
    if wanted == {one.task.name: one.cron for key, one in planned.items() if key not in upkeep}:
        return
    # Named by its expression: a new one begins anew, and catches up with nothing since the last time.
    made: dict[tuple[str, str], PeriodicTask[..., Any, Any]] = {
        (task, cron): PeriodicTask(
            task=app.tasks[task], cron=cron, periodic_id=cron, configure_kwargs={}
        )
        for task, cron in wanted.items()
    }
    # Another dictionary: the queue may be going through the one before.
    app.periodic_registry.periodic_tasks = upkeep | made
