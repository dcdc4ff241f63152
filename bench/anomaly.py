"""Where tiles are abnormal: how well banks of offline backbones tell by class and piece, and what it costs.

  python bench/anomaly.py            the default, as `seogo defects bank build` has it
  python bench/anomaly.py --folds    the same four times, every normal tile once among those to be judged
  python bench/anomaly.py --shots    banks of 2 to 50 normal pictures
  python bench/anomaly.py --table    backbones and resolutions beside each other
  python bench/anomaly.py --speed    milliseconds a picture with a bank of 10,000 patches

Reads magnetic-tile from SEOGO_DATA (default ../shared/data), the dev manifest: banks are made of its normal
train pictures; test pictures are of other tiles. Intervals are of 95 %, from 2,000 samples of whole tiles,
of which there are up to six pictures. No database is needed.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Sequence
from functools import partial
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
from encoders.anomaly.errors import TooFewPictures
from encoders.anomaly.fit import FitOptions, Fitted, Sample, fit
from encoders.anomaly.inspection import Judge
from encoders.anomaly.patchcore import MemoryBank, Scorer
from encoders.base import Picture
from encoders.pictures.decoding import decode, resized
from encoders.settings import EncoderSettings

NORMAL = "Free"
CLASSES = ("Blowhole", "Break", "Crack", "Fray", "Uneven")
# One default, the same everywhere.
DEFAULT = FitOptions()
BACKBONE = "efficientnet-lite0"
SPEED_BANK = 10_000
FOLDS = 4
SAMPLES = 2_000
SHOTS = (1, 2, 5, 10, 50)
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


class Judged(NamedTuple):
    """A judged picture: its score, those of the detectors, its map, whether it is above the threshold."""

    tile: Tile
    score: float
    parts: dict[str, float]
    found: NDArray[np.float32]
    above: bool
    ms: float


def made(backbone: backbones.Backbone, normal: Sequence[Tile], options: FitOptions) -> Fitted:
    return fit(backbone, [Sample(tile.group, tile.picture) for tile in normal], options)


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


def auroc(name: str, of: Callable[[Judged], float], rows: Sequence[Judged]) -> float:
    own = [row for row in rows if row.tile.label in (name, NORMAL)]
    truth = [row.tile.label == name for row in own]
    return float(roc_auc_score(truth, [of(row) for row in own]))


def share(name: str, rows: Sequence[Judged]) -> float:
    """Of the pictures of a class, those above the threshold."""
    own = [row.above for row in rows if row.tile.label == name]
    return float(np.mean(own)) if own else float("nan")


def pieces(name: str, rows: Sequence[Judged]) -> float:
    """Of the pieces of a class, those with any picture above the threshold."""
    called: dict[str, bool] = {}
    for row in rows:
        if row.tile.label == name:
            called[row.tile.group] = called.get(row.tile.group, False) or row.above
    return float(np.mean(list(called.values()))) if called else float("nan")


def interval(of: Callable[[Sequence[Judged]], float], rows: Sequence[Judged]) -> str:
    """The figure of all rows, with its interval over samples of whole tiles of each class."""
    groups: dict[str, dict[str, list[Judged]]] = {}
    for row in rows:
        groups.setdefault(row.tile.label, {}).setdefault(row.tile.group, []).append(row)
    chance = np.random.default_rng(0)
    found = []
    for _ in range(SAMPLES if len(rows) < 1_000 else SAMPLES // 4):
        taken: list[Judged] = []
        for label, of_label in groups.items():
            drawn = chance.choice(sorted(of_label), len(of_label))
            for number, group in enumerate(drawn):
                # Each draw is a piece of its own.
                name = f"{label} {number}"
                taken += [
                    row._replace(tile=row.tile._replace(group=name)) for row in of_label[group]
                ]
        found.append(of(taken))
    low, high = np.nanquantile(found, (0.025, 0.975))
    return f"{of(rows):.3f} [{low:.2f}, {high:.2f}]"


def show(rows: Sequence[Judged], side: int, title: str) -> None:
    """Print AUROC of images and pixels, PRO, recall by picture and piece; false alarms, baselines."""
    table = Table("class", title=title, title_justify="left")
    for column in ("image AUROC", "found, pictures", "found, pieces", "pixel AUROC", "PRO at .3"):
        table.add_column(column, justify="right")
    pixel, pro = [], []
    for name in CLASSES:
        own = [row for row in rows if row.tile.label == name]
        truths = [row.tile.truth(side) for row in own]
        marked = [at for at, one in enumerate(truths) if one.any()]
        flat = np.concatenate([truths[at].ravel() for at in marked])
        pixel.append(roc_auc_score(flat, np.concatenate([own[at].found.ravel() for at in marked])))
        pro.append(
            per_region_overlap([own[at].found for at in marked], [truths[at] for at in marked])
        )
        of_class = [row for row in rows if row.tile.label in (name, NORMAL)]
        figures = [partial(auroc, name, score_of), partial(share, name), partial(pieces, name)]
        told = [interval(figure, of_class) for figure in figures]
        table.add_row(name, *told, f"{pixel[-1]:.3f}", f"{pro[-1]:.3f}")
    table.add_section()
    told = [f"{value:.3f}" for value in means(rows)]
    table.add_row("mean", *told, f"{np.mean(pixel):.3f}", f"{np.mean(pro):.3f}")
    console.print(table)
    console.print(baselines(rows))


def score_of(row: Judged) -> float:
    return row.score


def part_of(name: str, row: Judged) -> float:
    return row.parts[name]


def means(rows: Sequence[Judged]) -> list[float]:
    """Means over classes of image AUROC, found pictures, found pieces."""
    figures = (
        [auroc(name, score_of, rows) for name in CLASSES],
        [share(name, rows) for name in CLASSES],
        [pieces(name, rows) for name in CLASSES],
    )
    return [float(np.mean(one)) for one in figures]


def baselines(rows: Sequence[Judged]) -> str:
    truth = [row.tile.label != NORMAL for row in rows]
    normal = [row for row in rows if row.tile.label == NORMAL]
    spent = [row.ms for row in rows[3:]]
    alone = [
        f"{name} alone "
        + ", ".join(f"{auroc(one, partial(part_of, name), rows):.3f}" for one in CLASSES)
        for name in rows[0].parts
    ]
    lines = [
        f"false alarms: pictures {interval(partial(share, NORMAL), normal)},"
        f" pieces {interval(partial(pieces, NORMAL), normal)}",
        f"F1 {f1_score(truth, [row.above for row in rows]):.3f}; of calling every tile defective"
        f" {f1_score(truth, np.ones(len(truth))):.3f}",
        f"scoring: {np.percentile(spent, 50):.0f} ms a picture, p95 {np.percentile(spent, 95):.0f} ms",
        *alone,
    ]
    return "\n".join(lines)


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
    for side in (256, 320, 512):
        by = Judge(backbone, Scorer(bank), side, 1.0, 1.0, fitted.detectors)
        spent = []
        for tile in given[:103]:
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
    for option in ("folds", "shots", "table", "speed"):
        parser.add_argument(f"--{option}", action="store_true")
    args = parser.parse_args()
    given = tiles(Path(os.environ.get("SEOGO_DATA", "../shared/data")) / "magnetic-tile")
    settings = read(EncoderSettings)
    if args.table or args.speed:
        (compare if args.table else speed)(given, settings)
        return
    backbone = backbones.build(BACKBONE, settings.models_path, settings.threads)
    if args.folds or args.shots:
        (folds if args.folds else shots)(backbone, given)
        return
    fitted = made(backbone, [tile for tile in given if tile.split == "train"], DEFAULT)
    test = [tile for tile in given if tile.split == "test"]
    rows = judged(judge(backbone, fitted, DEFAULT), test, "magnetic-tile")
    show(rows, DEFAULT.side, f"magnetic-tile, {BACKBONE}, {DEFAULT.side} pixels, the default")


if __name__ == "__main__":
    main()
