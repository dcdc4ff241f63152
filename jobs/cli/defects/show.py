"""The result of an inspection, printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape

from jobs.cli.console import err, out

if TYPE_CHECKING:
    from encoders.guide.base import Guide
    from flows.inspection import Inspection

SHOWN_REGIONS = 5


def _guessed(found: Inspection) -> str:
    """Product and view as far as they were guessed, with the shares of the neighbours."""
    named = {"product": found.product.product, "view": found.view}
    return ", ".join(
        f"{what} {escape(named[what])} ({share:.0%} of {found.guess.neighbours} neighbours)"
        for what in named
        if found.guess is not None and (share := getattr(found.guess, what)) is not None
    )


def show(found: Inspection) -> None:
    """Print what was found out about a picture."""
    colour = {"defect": "red", "normal": "green", "unknown": "default"}[found.verdict]
    measured = ""
    if found.score is not None and found.threshold is not None:
        measured = f"   score {found.score:.3f}, threshold {found.threshold:.3f}"
    if found.guess is not None:
        out.print(f"guessed: {_guessed(found)}", highlight=False)
    out.print(f"verdict: [{colour}]{found.verdict}[/]{measured}", highlight=False)
    _show_places(found)
    if found.defect:
        out.print(f"looks like: {escape(found.defect)}", highlight=False)
    if found.nearest:
        near = ", ".join(f"{one.defect or 'normal'} {one.score:.3f}" for one in found.nearest[:5])
        out.print(f"nearest: {escape(near)}", highlight=False)
    if found.guide is not None:
        _show_guide(found.guide)
    for section in found.sections:
        page = f", p. {section.page}" if section.page else ""
        told = f"\\[{section.number}] {escape(section.document or '')}{page}"
        out.print(f"[dim]{told}: {escape(section.title or '')} ({section.kind})[/]")
    for reason in found.degraded:
        err.print(f"[yellow]degraded:[/] {escape(reason)}", highlight=False)
    spent = ", ".join(f"{stage} {ms:.0f} ms" for stage, ms in found.timing.items())
    out.print(f"[dim]analysis {found.analysis_id}: {spent}[/]", highlight=False)


def _show_places(found: Inspection) -> None:
    """Print the levels of the detectors and the abnormal regions."""
    if found.levels:
        strongest = sorted(found.levels.items(), key=lambda one: -one[1])
        told = ", ".join(f"{name} {level:.2f}" for name, level in strongest)
        out.print(f"detectors: {told} (1: one normal picture in twenty is above)", highlight=False)
    for region in found.regions[:SHOWN_REGIONS]:
        x, y, width, height = region.box
        seen = f", seen by {region.detector}" if region.detector else ""
        at = f"{width} x {height} pixels at {x}, {y}"
        out.print(f"abnormal: {at}, {region.peak:.1f} times the threshold{seen}", highlight=False)
    if (more := len(found.regions) - SHOWN_REGIONS) > 0:
        out.print(f"… and {more} weaker ones (--json has all)", highlight=False)


def _show_guide(guide: Guide) -> None:
    for title, part in (("why", guide.causes), ("what to do", guide.actions)):
        if part:
            out.print(f"\n[bold]{title}[/]")
        for one in part:
            cites = "".join(f"\\[{n}]" for n in one.cites)
            out.print(f"  • {escape(one.text)} {cites}", highlight=False)
    out.print(f"\n[dim]guide: {escape(guide.writer)}[/]", highlight=False)
