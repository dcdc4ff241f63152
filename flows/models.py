"""Failures of models: whatever is raised while one loads or runs, a leg is unavailable."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from encoders.errors import EncoderError
from flows.errors import LegUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger("seogo.models")


@contextmanager
def loading(label: str) -> Iterator[None]:
    """Raise LegUnavailable where a model does not load; the text says why and what to do."""
    try:
        yield
    except LegUnavailable:
        raise
    except EncoderError as exc:
        raise LegUnavailable(str(exc)) from exc
    except Exception as exc:  # runtimes raise classes of their own
        raise LegUnavailable(f"{label} does not load: {exc}") from exc


@contextmanager
def running(label: str) -> Iterator[None]:
    """Raise LegUnavailable where a model fails: a search must get its other legs all the same."""
    try:
        yield
    except Exception as exc:  # as above; its text may hold the query, which is nobody's business
        log.warning("%s failed: %s", label, type(exc).__name__)
        raise LegUnavailable(f"{label} failed ({type(exc).__name__})") from exc
