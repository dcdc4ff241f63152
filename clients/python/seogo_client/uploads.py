"""Items of files, in batches that are uploaded one after the other."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

from seogo_client.core.types import BulkOut, RefusedLine

Items = str | Path | Iterable[Mapping[str, Any]]
_METADATA = "metadata."


class Batch(NamedTuple):
    """JSON lines of items; `behind`: so many lines come before them."""

    content: bytes
    behind: int


def batches(items: Items, most_n: int = 500, most_bytes: int = 4_000_000) -> Iterator[Batch]:
    """Batches of items, read while they are needed.

    Args:
        items: A file of JSON lines or (`.csv`) a table, or items. In a table the column `external_id` names
            the item, `metadata.NAME` is metadata, every other column a field.
        most_n: Items of a batch at most.
        most_bytes: A batch ends behind the line that reaches this size.
    """
    lines: list[bytes] = []
    size = behind = 0
    for line in _lines(items):
        lines.append(line)
        size += len(line) + 1
        if len(lines) == most_n or size >= most_bytes:
            yield Batch(b"\n".join(lines) + b"\n", behind)
            behind += len(lines)
            lines, size = [], 0
    if lines:
        yield Batch(b"\n".join(lines) + b"\n", behind)


def _lines(items: Items) -> Iterator[bytes]:
    if not isinstance(items, str | Path):
        yield from (json.dumps(item, ensure_ascii=False).encode() for item in items)
        return
    path = Path(items)
    if path.suffix.lower() == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as rows:
            for row in csv.DictReader(rows):
                yield json.dumps(_item(row), ensure_ascii=False).encode()
        return
    with path.open("rb") as raw:
        # Lines without anything are sent too, so that the numbers of refused lines are those of the file.
        yield from (line.rstrip(b"\r\n") for line in raw)


def _item(row: Mapping[str, str | None]) -> dict[str, Any]:
    values = {name: value for name, value in row.items() if value and name != "external_id"}
    return {
        "external_id": row.get("external_id"),
        "fields": {name: one for name, one in values.items() if not name.startswith(_METADATA)},
        "metadata": {
            name.removeprefix(_METADATA): one
            for name, one in values.items()
            if name.startswith(_METADATA)
        },
    }


class Sum:
    """The answers to all batches as one; lines are numbered through."""

    def __init__(self, collection: str) -> None:
        self._total: dict[str, Any] = {
            "collection": collection,
            "inserted": 0,
            "updated": 0,
            "unchanged": 0,
            "pictures": 0,
            "refused": 0,
            "refused_pictures": 0,
            "refusals": [],
            "picture_refusals": [],
        }

    def add(self, batch: Batch, answer: BulkOut) -> None:
        """Add the answer to a batch."""
        for name, value in answer.items():
            if isinstance(value, int):
                self._total[name] = self._total.get(name, 0) + value
        for name in ("refusals", "picture_refusals"):
            rows = cast("list[RefusedLine]", answer.get(name, []))
            moved = [{**row, "line": row["line"] + batch.behind} for row in rows]
            self._total[name] = self._total[name] + moved

    @property
    def total(self) -> BulkOut:
        """All of them together."""
        return cast("BulkOut", self._total)
