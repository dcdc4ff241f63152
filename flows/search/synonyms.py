"""Synonyms of a collection: checked groups, and tables of them in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta, Struct

from db.search import synonyms
from db.search.synonyms import GroupWritten, SynonymGroup
from inputs.errors import Bad
from inputs.tables import rows, written

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from flows.effects import Flow

COLUMNS = ("words", "typed", "weight")
BETWEEN = "|"
Word = Annotated[str, Meta(min_length=1, max_length=200)]


class SynonymsIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group of words or phrases that mean the same.

    Each of `words` finds the others; with `typed`, those typed find the words, and not the other way
    round. `weight`: the number of occurrences that one of a synonym counts as.
    """

    words: Annotated[list[Word], Meta(min_length=1, max_length=20)]
    typed: Annotated[list[Word], Meta(max_length=20)] = []
    weight: Annotated[float, Meta(ge=0.001, le=1)] = 1


class SynonymsWritten(Struct, frozen=True, kw_only=True):
    """Counts of groups; `refused` say by number (of a table: its line) why they were not taken."""

    added: int
    kept: int
    removed: int
    refused: dict[int, str]


def write_groups(
    collection: str, groups: Sequence[SynonymsIn], *, replace: bool = False
) -> Flow[SynonymsWritten]:
    """Add groups of synonyms; in force at once.

    Args:
        collection: where they apply.
        groups: the groups; one that is there already keeps its place, and takes the weight.
        replace: remove the groups that are not given, unless one given is refused.

    Raises:
        UnknownName: no such collection.
        BadRequest: there are more than 10,000.
    """
    given = [msgspec.to_builtins(group) for group in groups]
    return (yield from _write(collection, given, range(1, len(given) + 1), replace=replace))


def import_table(collection: str, file: Path, *, replace: bool = False) -> Flow[SynonymsWritten]:
    """Add the groups of a CSV table: `words`, and perhaps `typed` and `weight`; `|` parts words in a cell.

    Args:
        collection: where they apply.
        file: the table.
        replace: remove the groups that are not in it, unless a row is refused.

    Raises:
        UnknownName: no such collection.
        InputUnusable: the file cannot be read, or lacks a column.
        BadRequest: there are more than 10,000 rows.
    """
    bad: dict[int, str] = {}
    given: dict[int, dict[str, Any]] = {}
    for row in rows(file, COLUMNS[:1]):
        if isinstance(row, Bad):
            bad[row.line] = row.reason
            continue
        try:
            given[row.line] = _group(row.cells)
        except ValueError as exc:
            bad[row.line] = str(exc)
    keeps = replace and not bad
    done = yield from _write(collection, list(given.values()), list(given), replace=keeps)
    return msgspec.structs.replace(done, refused=dict(sorted({**bad, **done.refused}.items())))


def export_table(collection: str) -> Flow[str]:
    """Write the synonyms of a collection as a CSV table that `import_table` reads.

    Raises:
        UnknownName: no such collection.
    """
    found: list[SynonymGroup] = yield synonyms.synonyms(collection=collection)
    between = f" {BETWEEN} "
    return written(
        COLUMNS, [(between.join(g.words), between.join(g.typed), f"{g.weight:g}") for g in found]
    )


def _write(
    collection: str, groups: list[dict[str, Any]], numbers: Sequence[int], *, replace: bool
) -> Flow[SynonymsWritten]:
    done: list[GroupWritten] = yield synonyms.set_synonyms(
        collection=collection, groups=groups, replaces=replace
    )
    counts = {end: sum(row.done == end for row in done) for end in ("added", "kept", "removed")}
    refused = {numbers[row.no - 1]: row.reason or "" for row in done if row.no and row.reason}
    return SynonymsWritten(**counts, refused=refused)


def _group(cells: dict[str, str]) -> dict[str, Any]:
    """A group from the cells of a row; ValueError where the weight is no number."""
    group: dict[str, Any] = {
        name: [word.strip() for word in cells.get(name, "").split(BETWEEN) if word.strip()]
        for name in COLUMNS[:2]
    }
    weight = cells.get("weight", "").strip()
    if weight:
        try:
            group["weight"] = float(weight)
        except ValueError:
            raise ValueError(f"the weight {weight!r} is no number") from None
    return group
