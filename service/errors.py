"""Errors of the service."""


class ServiceError(Exception):
    """The service could not do what was asked."""

    def __init__(self, message: str | None = None, hint: str | None = None) -> None:
        super().__init__(message or self.__doc__)
        self.hint = hint


class NotAdmitted(ServiceError):
    """The request shows no valid API key."""


class NotAllowed(ServiceError):
    """The caller may not do this."""


class TooManyRequests(ServiceError):
    """The caller asks too often.

    Attributes:
        wait_s: after so many seconds it may ask again.
    """

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"too many requests: try again in {wait_s} s")
        self.wait_s = wait_s


class NoSuchAnalysis(ServiceError):
    """There is no analysis with that id, or none with such an image."""


class NoSuchRun(ServiceError):
    """There is no run or job with that id."""


class NotOffered(ServiceError):
    """This service does not offer it."""


class Conflict(ServiceError):
    """The present state does not allow it."""


class RangeOutside(ServiceError):
    """A range of a file begins behind its end.

    Attributes:
        size: of the file, in bytes.
    """

    def __init__(self, size: int) -> None:
        super().__init__(f"the range begins behind the end: the file has {size:,} bytes")
        self.size = size


class Overloaded(ServiceError):
    """The service has too much to do now; the same request may succeed a little later."""


class TooMuchMemory(ServiceError):
    """A request would take more memory than one key may have.

    Attributes:
        size: what it would take, in bytes.
    """

    def __init__(self, size: int, most: int) -> None:
        super().__init__(
            f"what was sent would take {size:,} bytes of memory; {most:,} are allowed",
            "Send less at once. SEOGO_MEMORY_MB is what all requests may take together.",
        )
        self.size = size
