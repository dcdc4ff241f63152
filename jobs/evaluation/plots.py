"""The plots of a report, as SVG that takes its colours from the page."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np

from jobs.evaluation.texts import svg_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jobs.evaluation.compare import Change, Interval
    from jobs.evaluation.reportdata import RunData

WIDTH = 860
LEFT = 150
RIGHT = 70
ROW = 26
COLOURS = ("var(--brand)", "var(--accent)")


def intervals(runs: Sequence[RunData]) -> str:
    """Per measure a point and its interval for each run, on a scale from 0 to 1."""
    measures = list(runs[0].measures)
    height = len(measures) * ROW * len(runs) + 40
    parts = _scale(0, 1, height)
    y = 20.0
    for measure in measures:
        parts.append(_text(LEFT - 10, y + ROW * len(runs) / 2 + 4, measure, "end"))
        for run, colour in zip(runs, COLOURS, strict=False):
            parts.append(_whisker(run.measures[measure], y + ROW / 2, colour))
            y += ROW
    return _svg(height, parts)


def latency(points: Sequence[tuple[int, str, float, float, float]]) -> str:
    """Runs as (id, label, value, median and 95th percentile in ms): value upwards, time to the right."""
    slowest = max(p95 for _, _, _, _, p95 in points) or 1.0
    values = [value for _, _, value, _, _ in points]
    low, high = _padded(min(values), max(values))
    height = 260
    parts = _scale(0, slowest, height, unit=" ms")
    for at in np.linspace(low, high, 5):
        y = _y(float(at), low, high, height)
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>'
        )
        parts.append(_text(LEFT - 10, y + 4, f"{at:.3f}", "end"))
    for run, label, value, p50, p95 in points:
        y = _y(value, low, high, height)
        x, end = (_x(ms, 0, slowest) for ms in (p50, p95))
        parts.append(f'<line x1="{x:.1f}" x2="{end:.1f}" y1="{y:.1f}" y2="{y:.1f}" class="mark"/>')
        told = escape(f"#{run} {label}: {value:.4f}, {p50:.1f} / {p95:.1f} ms")
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{COLOURS[0]}"><title>{told}</title></circle>'
        )
        parts.append(_text(x, y - 9, f"#{run} {label}"[:40], "start"))
    parts.append(svg_text("search_ms", f'x="{WIDTH - RIGHT}" y="{height + 12}" text-anchor="end"'))
    return _svg(height + 16, parts)


def differences(changes: Sequence[Change]) -> str:
    """A bar per query, in the order given: up what became better, down what became worse."""
    height = 180
    largest = max((abs(change.difference) for change in changes), default=0.0) or 1.0
    step = (WIDTH - LEFT - RIGHT) / max(len(changes), 1)
    middle = height / 2
    parts = [
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{middle}" y2="{middle}" class="axis"/>',
        _text(LEFT - 10, 18, f"+{largest:.2f}", "end"),
        _text(LEFT - 10, height - 8, f"-{largest:.2f}", "end"),
    ]
    for at, change in enumerate(changes):
        size = (middle - 10) * abs(change.difference) / largest
        top = middle - size if change.difference > 0 else middle
        colour = COLOURS[0] if change.difference > 0 else COLOURS[1]
        told = escape(f"{change.query}: {change.before:.4f} → {change.after:.4f}")
        parts.append(
            f'<rect x="{LEFT + at * step:.2f}" y="{top:.2f}" width="{max(step * 0.9, 0.5):.2f}"'
            f' height="{size:.2f}" fill="{colour}"><title>{told}</title></rect>'
        )
    return _svg(height, parts)


def histogram(counts: Sequence[int], edges: Sequence[float]) -> str:
    """A bar per bin; edges has one more than counts."""
    height, largest = 160, max(counts, default=0) or 1
    parts = _scale(edges[0], edges[-1], height)
    for count, low, high in zip(counts, edges[:-1], edges[1:], strict=True):
        left, right = (_x(at, edges[0], edges[-1]) for at in (low, high))
        size = (height - 44) * count / largest
        told = f"{low:.0f} – {high:.0f}: {count:,}"
        parts.append(
            f'<rect x="{left:.1f}" y="{height - 24 - size:.1f}" width="{max(right - left - 1, 0.5):.1f}"'
            f' height="{size:.1f}" fill="{COLOURS[0]}"><title>{told}</title></rect>'
        )
    return _svg(height, parts)


def curves(lines: Sequence[Sequence[tuple[float, float]]]) -> str:
    """One line per series of (x, y), at most two, on common scales."""
    points = [point for line in lines for point in line]
    if not points:
        return ""
    height = 260
    right = max(x for x, _ in points) or 1.0
    low, high = _padded(min(y for _, y in points), max(y for _, y in points))
    parts = _scale(0, right, height)
    for at in np.linspace(low, high, 5):
        y = _y(float(at), low, high, height)
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>'
        )
        parts.append(_text(LEFT - 10, y + 4, f"{at:.3f}", "end"))
    for line, colour in zip(lines, COLOURS, strict=False):
        path = " ".join(f"{_x(x, 0, right):.1f},{_y(y, low, high, height):.1f}" for x, y in line)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
    return _svg(height, parts)


def share(value: float) -> str:
    """A bar inside a table: a share of [0, 1]."""
    return (
        '<svg class="share" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{100 * value:.2f}" height="10" fill="{COLOURS[0]}"/></svg>'
    )


def _whisker(interval: Interval, y: float, colour: str) -> str:
    low, mean, high = (_x(at, 0, 1) for at in (interval.low, interval.mean, interval.high))
    return (
        f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="3"/>'
        f'<circle cx="{mean:.1f}" cy="{y}" r="5" fill="{colour}"/>'
        + _text(high + 8, y + 4, f"{interval.mean:.4f}", "start")
    )


def _scale(low: float, high: float, height: float, unit: str = "") -> list[str]:
    """Vertical lines with their numbers below."""
    digits = 1 if high < 10 else 0
    parts = []
    for at in np.linspace(low, high, 6):
        x = _x(float(at), low, high)
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="12" y2="{height - 24}" class="grid"/>')
        parts.append(_text(x, height - 8, f"{at:.{digits}f}{unit}", "middle"))
    return parts


def _x(value: float, low: float, high: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (value - low) / (high - low)


def _y(value: float, low: float, high: float, height: float) -> float:
    return 20 + (height - 60) * (high - value) / (high - low)


def _padded(low: float, high: float) -> tuple[float, float]:
    pad = max(0.01, (high - low) * 0.15)
    return low - pad, high + pad


def _text(x: float, y: float, content: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(content)}</text>'


def _svg(height: float, parts: Sequence[str]) -> str:
    return (
        f'<svg class="plot" viewBox="0 0 {WIDTH} {height:.0f}" role="img">'
        + "".join(parts)
        + "</svg>"
    )
