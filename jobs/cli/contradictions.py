"""Sentences about contradictions, and tables of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from db.items.contradictions import Contradiction
    from flows.quality import Unjudged

_SAYS: dict[str, Callable[[dict[str, Any]], str]] = {
    "number": lambda e: (
        f"{e['read']} is read, {e['field']} is {', '.join(e['given'])}"
        + (f"; it is that of {e['belongs_to']}" if "belongs_to" in e else "")
    ),
    "maker": lambda e: f"{e['read']} is read, the maker is {e['given']}",
    "nameplate": lambda e: (
        "a nameplate is said to be there, nothing is read"
        if e["has_nameplate"]
        else f"no nameplate is said to be there, {e['lines']} lines are read, such as {e['read']}"
    ),
    "confidence": lambda e: (
        f"{e['letters']} characters are read on the nameplate, usual are {e['usual']}"
        if "letters" in e
        else f"read with a confidence of {e['confidence']}, usual is {e['usual']}"
    ),
    "duplicate": lambda e: f"the same picture as {e['other']}, another part number",
    "near_duplicate": lambda e: (
        f"nearly the picture of {e['other']} ({e['similarity']}), another part number"
    ),
    "category": lambda e: (
        f"{e['votes']} of the {e['of']} pictures nearest to it show {e['like']}, not {e['given']}"
    ),
    "model": lambda e: str(e.get("says", "")),
}


def sentence(rule: str, evidence: dict[str, Any]) -> str:
    """Say what contradicts what."""
    return _SAYS[rule](evidence)


def contradiction_table(rows: Sequence[Contradiction]) -> Table:
    """A table of stored contradictions, with their numbers."""
    table = Table("#", "item", "rule", "score", "state", box=SIMPLE)
    table.add_column("what", overflow="fold")
    for row in rows:
        state = row.state if row.decided_by is None else f"{row.state} by {row.decided_by}"
        says = sentence(row.rule, row.evidence) + (f" ({row.note})" if row.note else "")
        cells = (row.external_id, row.rule, f"{row.score:.2f}", state, says)
        table.add_row(str(row.contradiction_id), *map(escape, cells))
    return table


def unjudged_line(unjudged: Iterable[Unjudged]) -> str:
    """Say how many items each rule could not be applied to, and why; empty where all were judged."""
    by_rule: dict[str, list[str]] = {}
    for one in sorted(unjudged, key=lambda one: (one.rule, one.reason)):
        by_rule.setdefault(one.rule, []).append(f"{one.items:,} {one.reason}")
    return "; ".join(f"{rule}: {', '.join(why)}" for rule, why in sorted(by_rule.items()))
