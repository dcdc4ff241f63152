"""Errors of finding, building, loading and running models.

Bad arguments (a text that is not a string, a spec that contradicts itself) are `TypeError` and
`ValueError`: they are mistakes of the caller, not states of the installation. What a user may have
asked for by name or in a setting is `EncoderUnfit`, which is both.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


class EncoderError(Exception):
    """An encoder could not do its work."""

    def __init__(self, detail: str | None = None) -> None:
        summary = (type(self).__doc__ or "").partition("\n")[0]
        super().__init__(f"{summary} {detail}" if detail else summary)


class EncoderUnknown(EncoderError):
    """No such encoder."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"Asked for {name!r}, known are: {', '.join(sorted(known))}.")


class EncoderUnfit(EncoderError, ValueError):
    """The model does not support this."""

    def __init__(self, detail: str, hint: str = "see `seogo models list`") -> None:
        self.hint = hint
        super().__init__(detail)


class EncoderNotInstalled(EncoderError):
    """A package this encoder needs is not installed."""

    def __init__(self, package: str, extra: str = "local") -> None:
        super().__init__(f"Missing: {package}. Install it with: pip install 'seogo[{extra}]'")


class EncoderNotPulled(EncoderError):
    """The model is not on this machine, and nothing downloads by itself."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Get it with: seogo models pull {name}")


class WeightsInvalid(EncoderError):
    """The weight file is not the one this encoder was written for."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")


class CacheNotWritable(EncoderError):
    """The model cache cannot be written."""

    def __init__(self, folder: Path, cause: OSError) -> None:
        super().__init__(f"{folder}: {cause}")
