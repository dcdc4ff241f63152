"""The report of a gate as lines of text, and as one HTML file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.reports import markup
from jobs.proof.asking import HereSender
from jobs.proof.texts import TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobs.proof.gate import CheckReport, GateReport


def lines(report: GateReport) -> Iterator[str]:
    """Write the report for a terminal or a log: a line for each target."""
    for check in report.checks:
        source = f", {check.source}" if check.source else ""
        yield f"{check.collection}, {check.query_set}{source}: run {check.run_id}, {check.queries:,} queries"
        yield from _requests(check)
        for target in check.targets:
            found = "not measured" if target.found is None else number(target.found)
            mark = "pass" if target.passed else "FAIL"
            yield f"  {mark}  {target.what}: {found}, {target.bound} {number(target.wanted)}"
        for note in check.notes:
            yield f"  note: {note}"
    yield f"{report.name}: {'passed' if report.passed else 'FAILED'}"


def html(report: GateReport) -> str:
    """Render the report as a page that needs no other file, in Korean and English."""
    return markup.render(
        "gate.html",
        "title",
        TEXTS,
        name=report.name,
        report=report,
        here=report.where == HereSender.where,
        number=number,
    )


def number(value: float) -> str:
    """Format a measure with four digits, a count or a time without more than it tells."""
    if value == int(value) and value > 1:
        return f"{int(value):,}"
    return f"{value:.4f}" if value <= 1 else f"{value:,.1f}"


def _requests(check: CheckReport) -> Iterator[str]:
    if (asked := check.asked) is None:
        return
    memory = "" if asked.memory_mb is None else f"; {asked.memory_mb:,.0f} MB"
    yield (
        f"  {asked.answered:,} of {asked.requests:,} requests answered; ms: median {asked.p50_ms:.1f}, 95 %"
        f" {asked.p95_ms:.1f}, 99 % {asked.p99_ms:.1f}{memory}"
    )
