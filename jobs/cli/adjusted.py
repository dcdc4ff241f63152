"""Shaping of results as the command line shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape

from jobs.cli.console import out

if TYPE_CHECKING:
    from db.search.shaping import Adjustments, ShapeStep
    from flows.search.shaped import Nearness


def format_adjustments(made: Adjustments | None) -> str:
    """Write the changes to a row in a few words; empty where there are none."""
    if made is None:
        return ""
    words = []
    if made.pinned is not None:
        words.append("pinned" if made.pinned.found else "pinned, not found")
    if made.buried:
        words.append("buried")
    if made.factor is not None:
        words.append(f"x{made.factor:.3g}")
    if made.diversity is not None and made.diversity.from_ != made.diversity.to:
        words.append(f"from #{made.diversity.from_}")
    if made.group is not None:
        words.append(f"{made.group.value}: {made.group.items}")
    if made.weak:
        words.append("weak")
    return ", ".join(words)


def show_shape(nearness: Nearness, steps: list[ShapeStep] | None) -> None:
    """Print whether nothing is near, and per step of shaping on how many items it acted."""
    lines = list(nearness.why)
    if nearness.weak:
        lines = ["weak matches only: " + "; ".join(lines)]
    for step in steps or []:
        details = ", ".join(f"{name} {value}" for name, value in step.detail.items())
        lines.append(
            f"shape, {step.step}: {step.items} items" + (f" ({details})" if details else "")
        )
    for line in lines:
        out.print(escape(line), highlight=False)
