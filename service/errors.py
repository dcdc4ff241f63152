"""Errors of the service room."""


class ServiceError(Exception):
    """The service could not do what was asked."""

    def __init__(self, message: str | None = None, hint: str | None = None) -> None:
        super().__init__(message or self.__doc__)
        self.hint = hint


class NoLegLeft(ServiceError):
    """None of the legs that were asked for can be run now."""


class NoSuchItem(ServiceError):
    """There is no item with that id."""


class LegUnavailable(ServiceError):
    """A leg of a search cannot be had now; the message is shown in `degraded`."""
