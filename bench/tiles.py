"""Magnetic tiles of the dev manifest, banks of them, and tiles judged by a bank: for bench/anomaly.py."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console
from rich.progress import track

from encoders.anomaly import backbones
from encoders.anomaly.fit import FitOptions, Fitted, Sample, fit
from encoders.anomaly.inspection import Judge
from encoders.anomaly.nets.features import Seen
from encoders.anomaly.patchcore import Scorer
from encoders.base import Picture
from encoders.pictures.decoding import decode

NORMAL = "Free"
CLASSES = ("Blowhole", "Break", "Crack", "Fray", "Uneven")
console = Console()


class Tile(NamedTuple):
    path: Path
    mask: Path | None
    label: str
    group: str
    split: str

    def picture(self) -> Picture:
        return decode(self.path.read_bytes())

    def truth(self, side: int) -> NDArray[np.bool_]:
        """Where it is defective, scaled to the square that maps are of."""
        if self.mask is None:
            return np.zeros((side, side), dtype=bool)
        grey = Image.open(self.mask).convert("L").resize((side, side), Image.Resampling.NEAREST)
        return np.asarray(grey) > 0


def tiles(folder: Path) -> list[Tile]:
    lines = (folder / "manifest.dev.jsonl").read_text(encoding="utf-8").splitlines()
    rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    return [
        Tile(
            folder / row["image"],
            folder / row["mask"] if row["mask"] else None,
            row["class"],
            row["group"],
            row["split"],
        )
        for row in rows
    ]


class Remembered:
    """Backbone that looks at each picture once: banks of the same tiles are made again and again."""

    def __init__(self, backbone: backbones.Backbone) -> None:
        self.name, self.identity = backbone.name, backbone.identity
        self._backbone = backbone
        self._seen: dict[tuple[int, int], Seen] = {}

    def features(self, images: Sequence[Picture], side: int) -> NDArray[np.float32]:
        return np.stack([self.see(image, side).patches for image in images])

    def see(self, image: Picture, side: int) -> Seen:
        key = hash(image.tobytes()), side
        if key not in self._seen:
            self._seen[key] = self._backbone.see(image, side)
        return self._seen[key]


class Judged(NamedTuple):
    """A judged picture: its score, those of the detectors, its map, whether it is above the threshold."""

    tile: Tile
    score: float
    parts: dict[str, float]
    found: NDArray[np.float32]
    above: bool
    ms: float


def made(
    backbone: backbones.Backbone,
    normal: Sequence[Tile],
    options: FitOptions,
    labelled: Sequence[Tile] = (),
) -> Fitted:
    samples, defects = (
        [Sample(tile.group, tile.picture) for tile in given] for given in (normal, labelled)
    )
    return fit(backbone, samples, options, labelled=defects)


def judge(backbone: backbones.Backbone, fitted: Fitted, options: FitOptions) -> Judge:
    limits = fitted.thresholds
    scorer = Scorer(fitted.bank)
    return Judge(backbone, scorer, options.side, limits.image, limits.pixel, fitted.detectors)


def judged(by: Judge, given: Sequence[Tile], title: str) -> list[Judged]:
    rows = []
    for tile in track(given, title, console=console):
        picture = tile.picture()
        started = time.perf_counter()
        scores = by.scores(picture)
        spent = 1000 * (time.perf_counter() - started)
        above = scores.image > by.threshold
        rows.append(Judged(tile, scores.image, dict(scores.parts), by.map(scores), above, spent))
    return rows
