"""Errors of the jobs room."""

from __future__ import annotations


class JobError(Exception):
    """A job could not do what was asked."""

    def __init__(self, message: str | None = None, hint: str | None = None) -> None:
        super().__init__(message or self.__doc__)
        self.hint = hint


class UnknownRecipe(JobError):
    """There is no recipe of that name."""


class BadRecord(JobError):
    """A line of the input cannot become an item."""
