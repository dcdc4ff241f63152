"""The parts of a report that ask whom it serves: languages, and sub-groups of items."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from jobs.evaluation import plots
from jobs.evaluation.markup import run_head, section, table
from jobs.evaluation.texts import text

if TYPE_CHECKING:
    from jobs.evaluation.reportdata import ReportData

# Values shown one by one, the most frequent first; bands are over all.
SHOWN_VALUES = 30


def languages(data: ReportData) -> str:
    """Share found by the language of the query and that of the item; nothing where all have one."""
    heads = [text(name) for name in ("query", "relevant", "pairs", "queries", "share")]
    parts = []
    for at, run in enumerate(data.runs):
        rows = [
            [
                text(f"language_{row.query_language}"),
                text(f"language_{row.item_language}"),
                f"{row.pairs:,}",
                f"{row.queries:,}",
                f"{row.share:.1%}",
                plots.share(row.share),
            ]
            for row in run.languages
        ]
        if len(rows) > 1:
            parts.append(f"<h3>{run_head(at, run.run.run_id)}</h3>")
            parts.append(table([*heads, ""], rows, numbers=2))
    note = f"<p>{text('languages_note', k=data.k)}</p>"
    return section(text("languages"), note, *parts) if parts else ""


def groups(data: ReportData) -> str:
    """Share found by a metadata value of the item, with how frequent the value is."""
    if data.group_by is None:
        return ""
    heads = [text(name) for name in ("value", "band", "items", "pairs", "queries", "share")]
    parts = [f"<p>{text('groups_note', path=data.group_by, k=data.k)}</p>"]
    for at, run in enumerate(data.runs):
        rows = []
        for band in ("frequent", "middle", "rare"):
            of = [row for row in run.groups if row.band == band]
            if pairs := sum(row.pairs for row in of):
                share = sum(row.found for row in of) / pairs
                items = sum(row.items for row in of)
                told = [text(band), f"{items:,}", f"{pairs:,}", "", f"{share:.1%}"]
                rows.append([text("all_values"), *told, plots.share(share)])
        for row in run.groups[:SHOWN_VALUES]:
            counts = [f"{n:,}" for n in (row.items, row.pairs, row.queries)]
            bar = [f"{row.share:.1%}", plots.share(row.share)]
            rows.append([escape(row.value), text(row.band), *counts, *bar])
        parts.append(f"<h3>{run_head(at, run.run.run_id)}</h3>")
        parts.append(table([*heads, ""], rows, numbers=2))
    return section(text("groups"), *parts)
