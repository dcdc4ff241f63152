"""Errors of jobs."""

from __future__ import annotations


class JobError(Exception):
    """A job failed for a reason the user can act on."""

    def __init__(self, message: str | None = None, hint: str | None = None) -> None:
        super().__init__(message or self.__doc__)
        self.hint = hint


class UnknownRecipe(JobError):
    """There is no recipe of that name."""


class BadRecord(JobError):
    """A line of the input cannot become an item."""


def reason(exc: BaseException) -> str:
    """The class and message of an exception, as failures are recorded."""
    return f"{type(exc).__name__}: {exc}"
