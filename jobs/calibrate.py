"""Calibration of spaces: the similarity that chance brings, by what is nearest to nonsense."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import msgspec

from db.calls.query import fetch
from db.items import items
from db.search import shaping
from db.search.legs import vector_text
from db.spaces import embedding
from encoders.errors import EncoderError
from flows.encoding import encode_query, encoder_of
from jobs.types import Conn, silent

if TYPE_CHECKING:
    from collections.abc import Callable

    from db.spaces.rows import Space
    from encoders.settings import EncoderSettings

# Drawn texts that are encoded as queries and searched for, in about two seconds.
PROBES = 100


class CalibrationReport(msgspec.Struct):
    """Spaces by collection: calibrated with their threshold, those with too few vectors, and failures."""

    thresholds: dict[tuple[str, str], float] = msgspec.field(default_factory=dict)
    too_few: list[tuple[str, str]] = msgspec.field(default_factory=list)
    failed: dict[tuple[str, str], str] = msgspec.field(default_factory=dict)


def run(
    conn: Conn,
    settings: EncoderSettings,
    collection: str | None = None,
    *,
    anew: bool = False,
    on_step: Callable[[str, int], None] = silent,
) -> CalibrationReport:
    """Calibrate spaces that never were, or whose collections have grown or shrunk by a fifth since.

    Args:
        conn: autocommit.
        settings: of the encoders.
        collection: only this one's.
        anew: also those that are calibrated.
        on_step: gets each space before it is calibrated, with the number of probes.

    Raises:
        UnknownName: no such collection.
    """
    report = CalibrationReport()
    if collection is not None:
        fetch(conn, items.named_collection(collection=collection))
    due = shaping.calibrations if anew else shaping.uncalibrated
    spaces = {space.space: space for space in fetch(conn, embedding.live_spaces())}
    for row in fetch(conn, due(collection=collection)):
        key = (row.collection, row.space)
        on_step(f"calibrate {row.space} of {row.collection}", PROBES)
        try:
            threshold = _calibrate(conn, settings, row.collection, spaces[row.space])
        except EncoderError as exc:
            report.failed[key] = str(exc)
            continue
        if threshold is None:
            report.too_few.append(key)
        else:
            report.thresholds[key] = threshold
    return report


def nonsense(n: int) -> list[str]:
    """Draw texts that mean nothing, the same each time: letters or syllables in words, half of each."""
    rng = random.Random(1)

    def word(low: int, high: int, first: str, last: str) -> str:
        length = rng.randint(low, high)
        return "".join(chr(rng.randint(ord(first), ord(last))) for _ in range(length))

    drawn = []
    for at in range(n):
        shape = (4, 9, "a", "z") if at % 2 else (2, 5, "가", "힣")
        drawn.append(" ".join(word(*shape) for _ in range(rng.randint(1, 4))))
    return drawn


def _calibrate(
    conn: Conn, settings: EncoderSettings, collection: str, space: Space
) -> float | None:
    """Calibrate one space; one of pictures by pairs of its items, for there is no drawing of pictures."""
    probes: dict[str, list[str]] = {}
    if space.modality != "image":
        encoder = encoder_of(space, settings)
        vectors = (encode_query(encoder, text, None) for text in nonsense(PROBES))
        probes = {"probes": [vector_text(vector) for vector in vectors]}
    query = shaping.calibrate_space(collection=collection, space=space.pinned, **probes)
    return fetch(conn, query)[0].threshold
