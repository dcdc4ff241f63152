"""Where tiles are abnormal: how well memory banks of offline backbones tell, and what a picture costs.

  python bench/anomaly.py            the default: one row per defect class
  python bench/anomaly.py --table    backbones, resolutions and sizes of banks beside each other
  python bench/anomaly.py --speed    milliseconds a picture with a bank of 10,000 patches

Reads magnetic-tile from SEOGO_DATA (default ../shared/data), the dev manifest: banks are made of its normal
train pictures, a fifth of the tiles held out for the threshold; test pictures are of other tiles. No database
is needed.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from regions import per_region_overlap
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sklearn.metrics import f1_score, roc_auc_score

from db.settings import read
from encoders.anomaly import backbones
from encoders.anomaly.fit import FitOptions, Fitted, Sample, fit
from encoders.anomaly.inspection import Judge
from encoders.anomaly.patchcore import MemoryBank, Scorer
from encoders.base import Picture
from encoders.pictures.decoding import decode, resized
from encoders.settings import EncoderSettings

NORMAL = "Free"
CLASSES = ("Blowhole", "Break", "Crack", "Fray", "Uneven")
DEFAULT = FitOptions(side=256, rim=1)
SPEED_BANK = 10_000
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


class Measured(NamedTuple):
    """Image AUROC, pixel AUROC and PRO by class, F1 of all at the threshold, false alarms, ms a picture."""

    image: dict[str, float]
    pixel: dict[str, float]
    pro: dict[str, float]
    f1: float
    false_alarms: float
    found: dict[str, float]
    p50_ms: float
    p95_ms: float
    patches: int

    @property
    def mean(self) -> float:
        return float(np.mean(list(self.image.values())))


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


def made(backbone: backbones.Backbone, given: list[Tile], options: FitOptions) -> Fitted:
    normal = [tile for tile in given if tile.split == "train"]
    return fit(backbone, [Sample(tile.group, tile.picture) for tile in normal], options)


def judge(backbone: backbones.Backbone, fitted: Fitted, options: FitOptions) -> Judge:
    scorer = Scorer(fitted.bank, options.rim)
    limits = fitted.thresholds
    return Judge(backbone, scorer, options.side, limits.image, limits.pixel)


def measured(by: Judge, given: list[Tile], patches: int, title: str) -> Measured:
    shown = [tile for tile in given if tile.split == "test"]
    scores, maps, spent = [], [], []
    for tile in track(shown, title, console=console):
        picture = tile.picture()
        started = time.perf_counter()
        found = by.scores(picture)
        maps.append(by.map(found))
        spent.append(1000 * (time.perf_counter() - started))
        scores.append(found.image)
    labels = np.array([tile.label for tile in shown])
    truths = [tile.truth(by.side) for tile in shown]
    whole = np.array(scores)
    image, pixel, pro, share = {}, {}, {}, {}
    for name in CLASSES:
        picked = np.flatnonzero((labels == name) | (labels == NORMAL))
        image[name] = float(roc_auc_score(labels[picked] == name, whole[picked]))
        own = [at for at in np.flatnonzero(labels == name) if truths[at].any()]
        flat = np.concatenate([truths[at].ravel() for at in own])
        pixel[name] = float(roc_auc_score(flat, np.concatenate([maps[at].ravel() for at in own])))
        pro[name] = per_region_overlap([maps[at] for at in own], [truths[at] for at in own])
        share[name] = float((whole[labels == name] > by.threshold).mean())
    return Measured(
        image,
        pixel,
        pro,
        float(f1_score(labels != NORMAL, whole > by.threshold)),
        float((whole[labels == NORMAL] > by.threshold).mean()),
        share,
        float(np.percentile(spent[3:], 50)),
        float(np.percentile(spent[3:], 95)),
        patches,
    )


def show(found: Measured, title: str) -> None:
    table = Table("class", title=title, title_justify="left")
    for column in ("image AUROC", "above threshold", "pixel AUROC", "PRO at .3"):
        table.add_column(column, justify="right")
    parts = (found.image, found.found, found.pixel, found.pro)
    for name in CLASSES:
        table.add_row(name, *(f"{part[name]:.3f}" for part in parts))
    table.add_section()
    table.add_row("mean", *(f"{np.mean(list(part.values())):.3f}" for part in parts))
    console.print(table)
    console.print(
        f"F1 at the calibrated threshold {found.f1:.3f}, false alarms {found.false_alarms:.3f};"
        f" {found.patches:,} patches; {found.p50_ms:.0f} ms a picture, p95 {found.p95_ms:.0f} ms"
    )


def compare(given: list[Tile], settings: EncoderSettings) -> None:
    table = Table("backbone", title="image AUROC by class", title_justify="left")
    for column in ("side", "rim", "patches", *CLASSES, "mean", "F1", "pixel", "PRO", "p95 ms"):
        table.add_column(column, justify="right")
    rows = [("efficientnet-lite0", side, rim, 10_000) for side in (224, 256, 320) for rim in (0, 1)]
    rows += [("efficientnet-lite0", 256, 1, size) for size in (500, 2_000)]
    rows += [("efficientnet-lite0:mid", 256, rim, 10_000) for rim in (0, 2)]
    for name, side, rim, size in rows:
        backbone = backbones.build(name, settings.models_path, settings.threads)
        options = FitOptions(side=side, rim=rim, size=size)
        fitted = made(backbone, given, options)
        by = judge(backbone, fitted, options)
        found = measured(by, given, len(fitted.bank.patches), f"{name} {side} {rim} {size}")
        figures = [*found.image.values(), found.mean, found.f1]
        figures += [float(np.mean(list(part.values()))) for part in (found.pixel, found.pro)]
        told = [f"{value:.3f}" for value in figures]
        table.add_row(name, str(side), str(rim), str(found.patches), *told, f"{found.p95_ms:.0f}")
        console.print(table.title, name, side, rim, size, " ".join(told), f"{found.p95_ms:.0f} ms")
    console.print(table)


def speed(given: list[Tile], settings: EncoderSettings) -> None:
    """The whole way of a picture, decoding and drawing included, with a bank of exactly so many patches."""
    backbone = backbones.build("efficientnet-lite0", settings.models_path, settings.threads)
    dim = backbone.features([np.zeros((32, 32, 3), dtype=np.uint8)], 64).shape[3]
    chance = np.random.default_rng(0).standard_normal((SPEED_BANK, dim)).astype(np.float32)
    bank = MemoryBank(chance / np.sqrt(dim), np.zeros(dim, np.float32), np.ones(dim, np.float32))
    table = Table("side", "patches", "p50 ms", "p95 ms", title=f"a bank of {SPEED_BANK:,} patches")
    for side in (256, 320, 512):
        by = Judge(backbone, Scorer(bank), side, 1.0, 1.0)
        spent = []
        for tile in given[:103]:
            data = tile.path.read_bytes()
            started = time.perf_counter()
            picture = decode(data)
            found = by.scores(picture)
            by.drawn(picture, found, resized(picture, 256, 256))
            spent.append(1000 * (time.perf_counter() - started))
        figures = (f"{np.percentile(spent[3:], q):.0f}" for q in (50, 95))
        table.add_row(str(side), str(found.patches.size), *figures)
    console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--speed", action="store_true")
    args = parser.parse_args()
    given = tiles(Path(os.environ.get("SEOGO_DATA", "../shared/data")) / "magnetic-tile")
    settings = read(EncoderSettings)
    if args.table:
        compare(given, settings)
    elif args.speed:
        speed(given, settings)
    else:
        backbone = backbones.build("efficientnet-lite0", settings.models_path, settings.threads)
        fitted = made(backbone, given, DEFAULT)
        by = judge(backbone, fitted, DEFAULT)
        found = measured(by, given, len(fitted.bank.patches), "magnetic-tile")
        show(found, "magnetic-tile, efficientnet-lite0, 256 pixels, rim 1")


if __name__ == "__main__":
    main()
