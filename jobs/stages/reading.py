"""The work of an OCR process: bytes of a picture in, recognised text out."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from db.operations.readings import IdentifierRow, OcrRow
from encoders.labels.reading import interpret, part_numbers
from encoders.ocr.registry import build_ocr
from encoders.pictures import decoding
from jobs.errors import reason

if TYPE_CHECKING:
    from encoders.base import Picture
    from encoders.labels.reading import Reading
    from encoders.ocr.base import OcrEngine
    from encoders.ocr.settings import OcrOptions


class OcrOutcome(msgspec.Struct, frozen=True):
    """The text on a picture; `seconds` of work, loading the engine not counted."""

    reader: str
    lines: list[OcrRow]
    identifiers: list[IdentifierRow]
    notes: list[str]
    seconds: float


def end_with_parent() -> None:
    """End this process with the one that spawned it: it waits on a pipe that nobody else closes.

    Ctrl-C at a terminal goes to both; the parent decides what follows.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_after_parent, name="seogo-parent", daemon=True).start()


def _end_after_parent() -> None:
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
    os._exit(1)


def read_or_reason(data: bytes, engine: str, options: OcrOptions) -> OcrOutcome | str:
    """Read a picture, or return why it cannot be read."""
    try:
        return read_picture(data, engine, options)
    except Exception as exc:  # not every exception gets through the pipe to the parent
        return reason(exc)


def read_picture(data: bytes, engine: str, options: OcrOptions) -> OcrOutcome:
    """Read a picture; the engine loads once per process.

    Raises:
        EncoderError: the engine is unavailable, or the bytes are no picture.
    """
    reader = _engine(engine, options)
    started = time.monotonic()
    result = reader.read([decoding.decode(data)])[0]
    found = interpret(result.lines)
    lines = [
        OcrRow(
            line_no=line.line_no,
            box=[round(float(v), 1) for v in line.box.ravel()],
            text=line.text,
            normalized=line.normalized,
            confidence=min(max(float(line.confidence), 0.0), 1.0),
            group_no=line.group_no,
            engine=line.engine,
        )
        for line in found.lines
    ]
    seconds = time.monotonic() - started
    return OcrOutcome(reader.spec.identity, lines, _rows(found), list(result.notes), seconds)


def numbers_in(picture: Picture, engine: str, options: OcrOptions) -> list[str]:
    """Part and serial numbers in a picture, the likeliest first, each once.

    Raises:
        EncoderError: the engine is unavailable, or failed.
    """
    return part_numbers(_engine(engine, options).read([picture])[0].lines)


def _rows(found: Reading) -> list[IdentifierRow]:
    return [
        IdentifierRow(label=one.kind, raw=one.raw, confidence=min(max(float(one.score), 0.0), 1.0))
        for one in found.identifiers
    ]


@cache
def _engine(name: str, options: OcrOptions) -> OcrEngine:
    return build_ocr(name, options)
