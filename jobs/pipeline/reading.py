"""The work of a reader's process: a picture's bytes in, what is written in it out."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from db.pictures import IdentifierRow, OcrRow
from encoders import pictures
from encoders.labels.reading import interpret
from encoders.ocr.registry import build_ocr

if TYPE_CHECKING:
    from encoders.ocr.base import OcrEngine
    from encoders.ocr.settings import OcrOptions


class Read(msgspec.Struct, frozen=True):
    """What a reader found; `seconds` of work, loading the engine not counted."""

    reader: str
    lines: list[OcrRow]
    identifiers: list[IdentifierRow]
    notes: list[str]
    seconds: float


def read_picture(data: bytes, engine: str, options: OcrOptions) -> Read:
    """Read a picture; the engine loads once per process.

    Raises:
        EncoderError: the engine is not there, or the picture is none.
    """
    reader = _engine(engine, options)
    started = time.monotonic()
    result = reader.read([pictures.decode(data)])[0]
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
    identifiers = [
        IdentifierRow(label=one.kind, raw=one.raw, confidence=min(max(float(one.score), 0.0), 1.0))
        for one in found.identifiers
    ]
    seconds = time.monotonic() - started
    return Read(reader.spec.identity, lines, identifiers, list(result.notes), seconds)


@cache
def _engine(name: str, options: OcrOptions) -> OcrEngine:
    return build_ocr(name, options)
