"""Errors that flows raise, whoever runs them."""

from __future__ import annotations


class FlowError(Exception):
    """A flow could not do what was requested."""

    def __init__(self, message: str | None = None, hint: str | None = None) -> None:
        super().__init__(message or self.__doc__)
        self.hint = hint


class NoLegLeft(FlowError):
    """None of the requested legs can be run now."""


class NoSuchItem(FlowError):
    """There is no item with that id."""


class NoSuchPicture(FlowError):
    """There is no picture with that id, or none that the caller may see."""


class StaleEdit(FlowError):
    """The item was changed meanwhile."""


class CursorExpired(FlowError):
    """The list that the cursor reads on is not kept any more."""


class LegUnavailable(FlowError):
    """A leg of a search is unavailable now; the message is shown in `degraded`."""
