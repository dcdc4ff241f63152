"""Cron expressions: what is wrong with one, and when it is due next."""

from __future__ import annotations

from datetime import UTC, datetime

from croniter import croniter
from croniter.croniter import CroniterError

OFF = "off"
FIELDS = 5
EXAMPLE = "write such as '*/10 * * * *', or off"


def fault(value: str) -> str | None:
    """The fault of a cron expression; None where it is valid."""
    fields = value.split()
    if len(fields) != FIELDS:
        return f"has {len(fields)} fields instead of {FIELDS}; {EXAMPLE}"
    # H and R stand for moments that are drawn: every scheduler would draw its own.
    if not croniter.is_valid(value) or any(field[0] in "HhRr" for field in fields):
        return f"is no cron expression; {EXAMPLE}"
    # Well spelt is not enough: 31 February never comes.
    try:
        croniter(value).get_next()
        croniter(value).get_prev()
    except CroniterError:
        return f"is never due: there is no such day; {EXAMPLE}"
    return None


def in_use(by_person: str | None, by_settings: str | None) -> str | None:
    """The expression that counts: a person's before that of the settings; None: off, or wrong."""
    cron = by_settings if by_person is None else by_person
    return None if cron is None or cron == OFF or fault(cron) else cron


def due_after(cron: str, moment: datetime) -> datetime:
    """The next time of a valid expression."""
    return datetime.fromtimestamp(croniter(cron, moment.timestamp()).get_next(float), UTC)
