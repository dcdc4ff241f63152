"""`seogo ingest --check`: what contradicts itself in an input, before it is loaded."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import typer

from flows.quality import Unjudged
from jobs.cli.console import Lines, database, err, out
from jobs.cli.contradictions import sentence, unjudged_line
from jobs.ingest.check import TOGETHER, InputCheck
from jobs.ingest.media import MediaSource
from jobs.stages.config import from_environment

if TYPE_CHECKING:
    from jobs.ingest.check import InputReport
    from jobs.ingest.source import IngestSource
    from jobs.recipes.base import Recipe

SHOWN = 200


def check(given: IngestSource, collection: str, recipe: Recipe, *, allow_urls: bool) -> None:
    """Check an input and print what contradicts itself; exit status 1 where anything does."""
    total, progress = given.count(), Lines()
    media = MediaSource(given.media_root, allow_urls=allow_urls)
    try:
        with database() as conn:
            checking = InputCheck(conn, collection, recipe, from_environment())
            report = checking.run(
                given.records(),
                media,
                lambda line: progress.tell(f"{line:,} of {total:,} lines checked"),
            )
    finally:
        media.close()
    _show(report, given.file.name, collection)
    if report.found or report.refused:
        raise typer.Exit(1)


def _show(report: InputReport, name: str, collection: str) -> None:
    for refused in report.refused[:SHOWN]:
        key = f" ({refused.external_id})" if refused.external_id else ""
        _say(f"{name}:{refused.line}{key}: {refused.reason}")
    for found in report.found[:SHOWN]:
        says = sentence(found.rule, found.evidence)
        _say(f"{name}:{found.line} ({found.external_id}): {found.rule}: {says}")
    left = max(0, len(report.refused) - SHOWN) + max(0, len(report.found) - SHOWN)
    if left:
        _say(f"… and {left:,} more")
    rules = Counter(found.rule for found in report.found)
    by_rule = ", ".join(f"{rule} {n:,}" for rule, n in sorted(rules.items()))
    out.print(
        f"{report.records:,} records with {report.pictures:,} pictures checked,"
        f" {len(report.refused):,} refused; {len(report.found):,} contradictions"
        + (f" ({by_rule})" if by_rule else "")
        + f"; nothing was written to {collection}",
        highlight=False,
        soft_wrap=True,
    )
    unjudged = [Unjudged(rule=r, reason=w, items=n) for (r, w), n in report.unjudged.items()]
    if line := unjudged_line(unjudged):
        out.print(f"not judged: {line}", markup=False, highlight=False, soft_wrap=True)
    if report.records > TOGETHER:
        out.print(
            f"records are compared with each other {TOGETHER:,} at a time, with all stored ones"
        )


def _say(line: str) -> None:
    err.print(line, markup=False, highlight=False, soft_wrap=True)
