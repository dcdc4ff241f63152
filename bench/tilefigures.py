"""Figures of judged tiles by class and piece, with intervals over tiles: for bench/anomaly.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from regions import per_region_overlap
from rich.table import Table
from sklearn.metrics import f1_score, roc_auc_score
from tiles import CLASSES, NORMAL, Judged, console

SAMPLES = 2_000


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
