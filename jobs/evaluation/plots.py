"""Plots of reports: matplotlib figures as SVG that takes colours, font and language from the page."""

from __future__ import annotations

import io
import re
import warnings
from functools import wraps
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from markupsafe import Markup

from encoders.runtime.optional import require
from flows.reports.markup import both
from jobs.evaluation.texts import TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flows.evaluation.compare import Change
    from jobs.evaluation.reportdata import RunData

EXTRA = "report"
WIDTH, ROW = 860, 26  # points
# Colours of a figure, and the variables of the page that replace them: a page may be light or dark.
VARIABLES = {
    "#1f4e79": "var(--brand)",
    "#c77f0a": "var(--accent)",
    "#5b6875": "var(--soft)",
    "#dde3e9": "var(--line)",
}
FIRST, SECOND, SOFT, LINE = VARIABLES
COLOURS = (FIRST, SECOND)
STYLE = {
    "svg.fonttype": "none",  # texts stay texts, in the reader's fonts
    "svg.hashsalt": "seogo",  # the same ids in every run
    "text.parse_math": False,
    "font.family": "DejaVu Sans",  # matplotlib's own, to measure with; the page sets another
    "font.size": 12,
    "lines.markersize": 8,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": LINE,
    **dict.fromkeys((f"axes.spines.{side}" for side in ("top", "bottom", "left", "right")), False),
    **dict.fromkeys(
        ("text.color", "axes.labelcolor", "xtick.labelcolor", "ytick.labelcolor"), SOFT
    ),
    "xtick.bottom": False,
    "ytick.left": False,
}
TIP = "tip:"  # marks a tooltip in the id of a group
MILLISECONDS = "{search_ms}"  # marks a label that the page has in both languages
_P = ParamSpec("_P")


def _plot(draw: Callable[Concatenate[Any, _P], None]) -> Callable[_P, Markup]:
    """Turn a function that draws on axes into one that returns the SVG.

    Raises:
        EncoderNotInstalled: matplotlib is absent.
    """

    @wraps(draw)
    def plot(*args: _P.args, **kwargs: _P.kwargs) -> Markup:
        matplotlib, figures = require("matplotlib", EXTRA), require("matplotlib.figure", EXTRA)
        with matplotlib.rc_context(STYLE), warnings.catch_warnings():
            # The reader's fonts have the Hangul that matplotlib's own font does not.
            warnings.filterwarnings("ignore", message="Glyph")
            figure = figures.Figure(figsize=(WIDTH / 72, 250 / 72), dpi=72, layout="constrained")
            draw(figure.add_subplot(), *args, **kwargs)
            out = io.StringIO()
            figure.savefig(
                out, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type"))
            )
        return _for_page(out.getvalue())

    return plot


@_plot
def intervals(axes: Any, runs: Sequence[RunData]) -> None:
    """Draw each measure's mean and interval for each run, on a scale from 0 to 1."""
    measures = list(runs[0].measures)
    rows = len(measures) * len(runs)
    axes.figure.set_figheight((ROW * rows + 40) / 72)
    middles = [at * len(runs) + (len(runs) - 1) / 2 for at in range(len(measures))]
    axes.set_yticks(middles, measures)
    axes.set(xlim=(0, 1), ylim=(rows - 0.5, -0.5))
    axes.grid(visible=False, axis="y")
    for y in range(rows):
        run, colour = runs[y % len(runs)], COLOURS[y % len(runs)]
        found = run.measures[measures[y // len(runs)]]
        axes.plot([found.low, found.high], [y, y], color=colour, linewidth=3, clip_on=False)
        axes.plot(found.mean, y, "o", color=colour, clip_on=False)
        axes.text(found.high + 0.012, y, f"{found.mean:.4f}", va="center")


@_plot
def latency(axes: Any, points: Sequence[tuple[int, str, float, float, float]]) -> None:
    """Draw runs as (id, label, value, median and 95th percentile in ms): value upwards, time to the right."""
    slowest = max(p95 for *_, p95 in points) or 1.0
    axes.set(xlim=(0, slowest * 1.02), xlabel=MILLISECONDS)
    for run, label, value, p50, p95 in points:
        name = f"#{run} {label}"
        tip = f"{TIP}{name}: {value:.4f}, {p50:.1f} / {p95:.1f} ms"
        axes.plot([p50, p95], [value, value], color=FIRST, linewidth=2)
        axes.plot(p50, value, "o", color=FIRST, gid=tip)
        side = "left" if p50 < slowest / 2 else "right"
        offset = {"xytext": (0, 9), "textcoords": "offset points", "ha": side}
        axes.annotate(name[:40], (p50, value), **offset)
    axes.margins(y=0.15)


@_plot
def differences(axes: Any, changes: Sequence[Change]) -> None:
    """Draw a bar per query, in the order given: upwards where it improved, downwards where it declined."""
    axes.grid(visible=False, axis="x")
    axes.set_xticks([])
    axes.axhline(0, color=SOFT, linewidth=1)
    colours = [FIRST if change.difference > 0 else SECOND for change in changes]
    bars = axes.bar(range(len(changes)), [c.difference for c in changes], width=0.9, color=colours)
    for bar, change in zip(bars, changes, strict=True):
        bar.set_gid(f"{TIP}{change.query}: {change.before:.4f} → {change.after:.4f}")
    axes.yaxis.set_major_formatter("{x:+.2f}")


@_plot
def histogram(axes: Any, counts: Sequence[int], edges: Sequence[float]) -> None:
    """Draw a bar per bin; edges has one more than counts."""
    axes.figure.set_figheight(160 / 72)
    axes.set(xlim=(edges[0], edges[-1]))
    *_, bars = axes.hist(edges[:-1], edges, weights=counts, rwidth=0.95, color=FIRST)
    for bar, count, (low, high) in zip(bars, counts, pairwise(edges), strict=True):
        bar.set_gid(f"{TIP}{low:.0f} – {high:.0f}: {count:,}")


@_plot
def curves(axes: Any, lines: Sequence[Sequence[tuple[float, float]]]) -> None:
    """Draw a line per series of (x, y), at most two, on common scales."""
    for line, colour in zip(lines, COLOURS, strict=False):
        axes.plot([x for x, _ in line], [y for _, y in line], color=colour, linewidth=2)
    axes.set_xlim(left=0)


def _for_page(svg: str) -> Markup:
    """Fit an SVG into a page: its colours, tooltips, and texts in both languages."""
    head = r'^.*?<svg\b[^>]*( viewBox="[^"]*")[^>]*>'
    svg = re.sub(head, r'<svg class="plot" role="img"\1>', svg, count=1, flags=re.DOTALL)
    svg = re.sub(rf"""<g id=(["']){TIP}(.*?)\1>""", r"<g><title>\2</title>", svg)
    svg = re.sub(r'<g id="[^"]*">', "<g>", svg)
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, variable)
    return Markup(svg.replace(f">{MILLISECONDS}<", f">{both(*TEXTS['search_ms'], 'tspan')}<"))
