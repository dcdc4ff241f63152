"""Table of the hits of a search, a column per leg."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from jobs.cli.adjusted import format_adjustments
from jobs.cli.console import out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.search.rows import HybridHit, LegHit

TITLES = (("title",), ("name",), ("question",), ("law", "heading"), ("body",))


def show(hits: Sequence[HybridHit], *, explain: bool = False) -> None:
    """Print hits as a table, one column per leg: the rank it gave, `–` where it has not the item."""
    if not hits:
        out.print(
            "nothing found: no leg has a match (check the filter; `seogo db status` shows vectors)"
        )
        return
    legs = sorted(hits[0].legs)
    table = Table(box=SIMPLE)
    table.add_column("#", justify="right")
    table.add_column("id", no_wrap=True, max_width=10)
    # What the other columns leave; rich would rather squeeze them all alike.
    leg_width = 12 if explain else 6
    extras = {"shaped": [format_adjustments(hit.adjustments) for hit in hits]}
    extras["part"] = [_parts(hit) for hit in hits]
    extras = {name: cells for name, cells in extras.items() if any(cells)}
    taken = 29 + sum(max(len(name), leg_width) + 2 for name in legs)
    taken += sum(max(map(len, cells)) + 2 for cells in extras.values())
    table.add_column("title", no_wrap=True, max_width=max(16, out.width - taken))
    for name in ("score", *legs):
        table.add_column(name, justify="right", no_wrap=True)
    for name in extras:
        table.add_column(name)
    for at, hit in enumerate(hits):
        named = (escape(hit.external_id), escape(_title(hit)))
        cells = [_cell(hit.legs[name], explain=explain) for name in legs]
        told = [escape(column[at]) for column in extras.values()]
        table.add_row(str(hit.rank), *named, f"{hit.score:.4f}", *cells, *told)
    out.print(table)


def _parts(hit: HybridHit) -> str:
    """Write the parts of an article that its words and its vectors are from."""
    found = getattr(hit, "parts", None) or []
    return ", ".join(f"{part.by}: {part.called}" for part in found)


def _cell(leg: LegHit | None, *, explain: bool) -> str:
    if leg is None:
        return "–"
    return f"{leg.rank} ({leg.score:.3f})" if explain else str(leg.rank)


def _title(hit: HybridHit) -> str:
    """The first fields that serve as a title, on one line."""
    named = (
        " ".join(hit.fields[name] for name in names)
        for names in TITLES
        if all(hit.fields.get(name) for name in names)
    )
    return " ".join(next(named, next(iter(hit.fields.values()), "")).split())
