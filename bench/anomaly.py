"""Where tiles are abnormal: how well banks of offline backbones tell by class and piece, and what it costs.

  python bench/anomaly.py            the default, as `seogo defects bank build` has it
  python bench/anomaly.py --folds    the same four times, every normal tile once among those to be judged
  python bench/anomaly.py --shots    banks of 2 to 50 normal pictures
  python bench/anomaly.py --labels   10 and 40 labelled defects to learn from; those of other tiles are judged
  python bench/anomaly.py --table    backbones and resolutions beside each other
  python bench/anomaly.py --speed    milliseconds a picture with a bank of 10,000 patches

Reads magnetic-tile from SEOGO_DATA (default ../shared/data), the dev manifest: banks are made of its normal
train pictures; test pictures are of other tiles. Intervals are of 95 %, from 2,000 samples of whole tiles,
of which there are up to six pictures. No database is needed.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.table import Table
from tilefigures import auroc, means, pieces, score_of, share, show
from tiles import CLASSES, NORMAL, Remembered, Tile, console, judge, judged, made, tiles

from db.settings import read
from encoders.anomaly import backbones
from encoders.anomaly.errors import TooFewPictures
from encoders.anomaly.fit import FitOptions
from encoders.anomaly.inspection import Judge
from encoders.anomaly.patchcore import MemoryBank, Scorer
from encoders.pictures.decoding import decode, resized
from encoders.settings import EncoderSettings

# One default, the same everywhere.
DEFAULT = FitOptions()
BACKBONE = "efficientnet-lite0"
SPEED_BANK = 10_000
FOLDS = 4
SHOTS = (1, 2, 5, 10, 50)
LABELLED = (10, 40)
DRAWS = 2


def folds(backbone: backbones.Backbone, given: Sequence[Tile]) -> None:
    """Every normal tile is judged once, by banks of the others; means over folds."""
    normal = [tile for tile in given if tile.label == NORMAL]
    groups = np.random.default_rng(0).permutation(sorted({tile.group for tile in normal}))
    table = Table("fold", title="image AUROC by class, four banks", title_justify="left")
    for column in (*CLASSES, "mean", "found", "found, pieces", "false alarms", "pieces"):
        table.add_column(column, justify="right")
    figures = []
    for fold in range(FOLDS):
        out = set(groups[fold::FOLDS].tolist())
        fitted = made(backbone, [tile for tile in normal if tile.group not in out], DEFAULT)
        shown = [tile for tile in given if tile.label != NORMAL or tile.group in out]
        rows = judged(judge(backbone, fitted, DEFAULT), shown, f"fold {fold}")
        by_class = [auroc(name, score_of, rows) for name in CLASSES]
        figures.append([*by_class, *means(rows), share(NORMAL, rows), pieces(NORMAL, rows)])
        table.add_row(str(fold), *(f"{value:.3f}" for value in figures[-1]))
    table.add_section()
    table.add_row("mean", *(f"{value:.3f}" for value in np.mean(figures, axis=0)))
    console.print(table)


def shots(backbone: backbones.Backbone, given: Sequence[Tile]) -> None:
    """Banks of few normal pictures, no two of one tile as long as there are others."""
    train = [tile for tile in given if tile.split == "train"]
    order = np.random.default_rng(0).permutation(len(train))
    seen: dict[str, int] = {}
    nth: list[tuple[int, int, int]] = []
    for at in order:
        seen[train[at].group] = seen.get(train[at].group, 0) + 1
        nth.append((seen[train[at].group], len(nth), int(at)))
    spread = [train[at] for *_, at in sorted(nth)]
    table = Table("normal pictures", title="few normal pictures", title_justify="left")
    for column in (*CLASSES, "mean", "found", "found, pieces", "false alarms"):
        table.add_column(column, justify="right")
    for count in SHOTS:
        try:
            fitted = made(backbone, spread[:count], DEFAULT)
        except TooFewPictures:
            table.add_row(str(count), *["–"] * 9)
            continue
        test = [tile for tile in given if tile.split == "test"]
        rows = judged(judge(backbone, fitted, DEFAULT), test, f"{count} normal pictures")
        by_class = [auroc(name, score_of, rows) for name in CLASSES]
        figures = [*by_class, *means(rows), share(NORMAL, rows)]
        table.add_row(str(count), *(f"{value:.3f}" for value in figures))
    console.print(table)


def labels(backbone: backbones.Backbone, given: Sequence[Tile]) -> None:
    """Defects of whole tiles, drawn by chance, are labelled; those of all other tiles are judged."""
    bad = [tile for tile in given if tile.label != NORMAL]
    train, normal = (
        [tile for tile in given if tile.label == NORMAL and tile.split == split]
        for split in ("train", "test")
    )
    table = Table("labelled", title="learning from labels", title_justify="left")
    for column in ("joined", *CLASSES, "mean", "found", "found, pieces", "false alarms"):
        table.add_column(column, justify="right")
    for count, seed in [(0, 0), *((count, seed) for count in LABELLED for seed in range(DRAWS))]:
        taken: set[str] = set()
        for group in np.random.default_rng(seed).permutation(sorted({one.group for one in bad})):
            if sum(one.group in taken for one in bad) < count:
                taken.add(str(group))
        known = [one for one in bad if one.group in taken]
        fitted = made(backbone, train, DEFAULT, known)
        shown = [*normal, *(one for one in bad if one.group not in taken)]
        rows = judged(judge(backbone, fitted, DEFAULT), shown, f"{len(known)} labelled")
        there = {row.tile.label for row in rows}
        by_class = [auroc(name, score_of, rows) if name in there else np.nan for name in CLASSES]
        figures = [
            np.nanmean(by_class),
            np.nanmean([share(name, rows) for name in CLASSES]),
            np.nanmean([pieces(name, rows) for name in CLASSES]),
            share(NORMAL, rows),
        ]
        told = (f"{value:.3f}" for value in (*by_class, *figures))
        joined = "yes" if fitted.learned.joined else "no"
        table.add_row(f"{len(known)} of {len(taken)} tiles", joined, *told)
        console.print(f"{len(known)} labelled: {fitted.learned}")
    console.print(table)


def compare(given: Sequence[Tile], settings: EncoderSettings) -> None:
    table = Table("backbone", title="image AUROC by class", title_justify="left")
    for column in ("side", "patches", *CLASSES, "mean", "found", "found, pieces", "p95 ms"):
        table.add_column(column, justify="right")
    for name, side in [(BACKBONE, 224), (BACKBONE, 256), (BACKBONE, 320), (f"{BACKBONE}:mid", 256)]:
        backbone = backbones.build(name, settings.models_path, settings.threads)
        options = FitOptions(side=side)
        fitted = made(backbone, [tile for tile in given if tile.split == "train"], options)
        test = [tile for tile in given if tile.split == "test"]
        rows = judged(judge(backbone, fitted, options), test, f"{name} {side}")
        figures = [*(auroc(one, score_of, rows) for one in CLASSES), *means(rows)]
        p95 = f"{np.percentile([row.ms for row in rows[3:]], 95):.0f}"
        told = [f"{value:.3f}" for value in figures]
        table.add_row(name, str(side), str(len(fitted.bank.patches)), *told, p95)
    console.print(table)


def speed(given: Sequence[Tile], settings: EncoderSettings) -> None:
    """The whole way of a picture, decoding and drawing included, with a bank of exactly so many patches."""
    backbone = backbones.build(BACKBONE, settings.models_path, settings.threads)
    fitted = made(backbone, [tile for tile in given if tile.split == "train"][:40], DEFAULT)
    dim = fitted.bank.patches.shape[1]
    chance = np.random.default_rng(0).standard_normal((SPEED_BANK, dim)).astype(np.float32)
    bank = MemoryBank(chance / np.sqrt(dim), np.zeros(dim, np.float32), np.ones(dim, np.float32))
    table = Table("side", "p50 ms", "p95 ms", title=f"a bank of {SPEED_BANK:,} patches")
    for side in (256, 320):
        by = Judge(backbone, Scorer(bank), side, 1.0, 1.0, fitted.detectors)
        spent = []
        for tile in given[:53]:
            data = tile.path.read_bytes()
            started = time.perf_counter()
            picture = decode(data)
            by.drawn(picture, by.scores(picture), resized(picture, 256, 256))
            spent.append(1000 * (time.perf_counter() - started))
        table.add_row(str(side), *(f"{np.percentile(spent[3:], q):.0f}" for q in (50, 95)))
    console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for option in ("folds", "shots", "labels", "table", "speed"):
        parser.add_argument(f"--{option}", action="store_true")
    args = parser.parse_args()
    given = tiles(Path(os.environ.get("SEOGO_DATA", "../shared/data")) / "magnetic-tile")
    settings = read(EncoderSettings)
    if args.table or args.speed:
        (compare if args.table else speed)(given, settings)
        return
    backbone = backbones.build(BACKBONE, settings.models_path, settings.threads)
    for option, measure in (("folds", folds), ("shots", shots), ("labels", labels)):
        if getattr(args, option):
            measure(Remembered(backbone), given)
            return
    fitted = made(backbone, [tile for tile in given if tile.split == "train"], DEFAULT)
    test = [tile for tile in given if tile.split == "test"]
    rows = judged(judge(backbone, fitted, DEFAULT), test, "magnetic-tile")
    show(rows, DEFAULT.side, f"magnetic-tile, {BACKBONE}, {DEFAULT.side} pixels, the default")


if __name__ == "__main__":
    main()
