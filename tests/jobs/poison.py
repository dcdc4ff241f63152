"""Work for a reader's process that kills it, in a module of its own because the process imports it."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from jobs.stages.reading import OcrOutcome, read_or_reason
from tests.jobs import drawn

if TYPE_CHECKING:
    from encoders.ocr.settings import OcrOptions

POISON = drawn.written("POISON")


def read_unless_poison(data: bytes, engine: str, options: OcrOptions) -> OcrOutcome | str:
    """Read a picture, or die of it as a bug in a library or want of memory would have it."""
    if data == POISON:
        os.kill(os.getpid(), signal.SIGKILL)
    return read_or_reason(data, engine, options)
