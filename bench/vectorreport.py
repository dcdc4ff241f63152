"""What bench/vectors.py found, as tables, goals and JSON."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from typing import Any, NamedTuple

from rich.console import Console
from tables import tabled
from vectordb import Space

GOAL_N = 200_000
OURS, PLAIN, ITERATIVE = "seogo", "default", "strict_order"


class Figures(NamedTuple):
    """One way of asking under one filter, means over the queries.

    `short` counts queries with fewer rows than they should have, min(10, matching); `recall` leaves out those
    that match nothing.
    """

    filter: str
    way: str
    matching: float
    wanted: float
    rows: float
    short: int
    recall: float
    p50_ms: float
    p95_ms: float
    paths: dict[str, int]


class Recall(NamedTuple):
    """What search.measure_recall says."""

    recall: float
    ann_ms: float
    exact_ms: float
    sampled: int


class Report(NamedTuple):
    """All figures of one space."""

    data: str
    items: int
    queries: int
    space: Space
    agreement: float | None
    measured: Recall
    figures: list[Figures]


def show(report: Report, console: Console) -> None:
    """Print what a space gave: its index, our answers, the peer's."""
    space = report.space
    title = f"{report.data}, {space.distance}, quantization {space.quantization}"
    console.print(
        f"\n{title}: {report.items:,} items, {report.queries} queries. Index built in {space.build_s:.1f} s,"
        f" {space.index_bytes / 1e6:.0f} MB; table {space.table_bytes / 1e6:.0f} MB."
    )
    at = report.measured
    console.print(
        f"search.measure_recall: {at.recall:.3f} of {at.sampled} stored vectors,"
        f" {at.ann_ms:.1f} ms by index, {at.exact_ms:.1f} ms exact."
    )
    if report.agreement is not None:
        console.print(f"Published neighbours that are exact here, too: {report.agreement:.4f}.")
    columns = ("filter", "matching", "recall", "rows/due", "p50 ms", "p95 ms", "paths")
    table = tabled(f"{OURS}: {title}", *columns)
    for one in report.figures:
        if one.way == OURS:
            times = (f"{one.p50_ms:.1f}", f"{one.p95_ms:.1f}")
            rows = f"{one.rows:.2f}/{one.wanted:.2f}"
            table.add_row(
                one.filter, f"{one.matching:,.0f}", f"{one.recall:.3f}", rows, *times, paths(one)
            )
    console.print(table)


def show_peers(report: Report, console: Console) -> None:
    """Print what pgvector gave, both ways side by side."""
    title = f"pgvector by hand: {report.data}, {report.space.distance}; default | {ITERATIVE}"
    table = tabled(title, "filter", "due", *("rows", "recall", "p50 ms") * 2)
    defaults = [one for one in report.figures if one.way == PLAIN]
    others = [one for one in report.figures if one.way == ITERATIVE]
    for pair in zip(defaults, others, strict=True):
        cells = [
            cell
            for one in pair
            for cell in (f"{one.rows:.2f}", f"{one.recall:.3f}", f"{one.p50_ms:.1f}")
        ]
        table.add_row(pair[0].filter, f"{pair[0].wanted:.2f}", *cells)
    if defaults:
        console.print(table)


def paths(one: Figures) -> str:
    return ", ".join(f"{path} {count}" for path, count in sorted(one.paths.items()))


def goals(report: Report) -> Iterator[tuple[str, str, float, bool]]:
    """Each goal: where it is missed most, the figure there, and whether it holds."""
    found = [one for one in report.figures if one.way == OURS]
    worst = min(found, key=lambda one: one.recall)
    yield "recall@10 at least .98, every filter", worst.filter, worst.recall, worst.recall >= 0.98
    worst = max(found, key=lambda one: one.short)
    label = "queries short of rows that exist: none"
    yield label, worst.filter, worst.short, sum(one.short for one in found) == 0
    for one in found[:2]:
        yield "unfiltered p50 at most 2 ms", one.filter, one.p50_ms, one.p50_ms <= 2
    worst = max(found[2:], key=lambda one: one.p95_ms)
    yield "filtered p95 at most 40 ms", worst.filter, worst.p95_ms, worst.p95_ms <= 40


def show_goals(report: Report, console: Console) -> None:
    title = f"Goals, {report.space.distance}, quantization {report.space.quantization}"
    if report.items != GOAL_N:
        title += f" (they are set for {GOAL_N:,} items)"
    table = tabled(title, "goal", "worst at", "figure", "holds")
    for goal, where, figure, holds in goals(report):
        table.add_row(goal, where, f"{figure:,.3f}", "yes" if holds else "NO")
    console.print(table)


def written(reports: list[Report]) -> dict[str, Any]:
    """The reports as JSON knows them."""
    plain_reports = [
        report._asdict()
        | {
            "space": report.space._asdict(),
            "measured": report.measured._asdict(),
            "figures": [one._asdict() for one in report.figures],
        }
        for report in reports
    ]
    return {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "python": platform.python_version(),
        "reports": plain_reports,
    }
