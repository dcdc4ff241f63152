"""Metadata, and plain Python that says which items match and which values they have."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.lexical import support

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Iterator

    from tests.lexical.support import Conn

WORDS = ("pump", "valve", "seal", "motor")
NUMBERS: tuple[Any, ...] = (0, 1, 2, 2.5, -3, 10, 99, 1000, 2024, 1e6)
DAYS = ("2024-01-31", "2024-02-01", "2023-12-31T23:59:00Z", "2021-07-15", "2024-02-29")
OTHERS: tuple[Any, ...] = ("x", "10", True, None, "2024-2-30", {"a": 1}, [])


class Item(NamedTuple):
    """An item as the database has it."""

    item_id: int
    words: set[str]
    metadata: dict[str, Any]


def document(rng: random.Random) -> dict[str, Any]:
    """Metadata with numbers, days and other values, alone, in arrays and in arrays of objects."""
    value = lambda: rng.choice(rng.choice((NUMBERS, NUMBERS, DAYS, OTHERS)))  # noqa: E731
    made: dict[str, Any] = {}
    if rng.random() < 0.8:
        made["n"] = rng.choice(NUMBERS) if rng.random() < 0.7 else value()
    if rng.random() < 0.7:
        made["day"] = rng.choice(DAYS) if rng.random() < 0.8 else value()
    if rng.random() < 0.6:
        made["tags"] = [value() for _ in range(rng.randrange(4))]
    if rng.random() < 0.6:
        made["specs"] = [{"v": value()} for _ in range(rng.randrange(4))]
    if rng.random() < 0.2:
        made["specs.v"] = value()
    return made


def fill(db: Conn, rng: random.Random, n: int, name: str = "c") -> list[Item]:
    """Make a collection of n items."""
    cid = support.make_collection(db, name)
    rows = [
        (str(at), {"t": " ".join(rng.sample(WORDS, rng.randint(1, 3)))}, document(rng))
        for at in range(n)
    ]
    support.copy_items(db, cid, rows)
    return stored(db, name)


def stored(db: Conn, name: str = "c") -> list[Item]:
    """The items that are there."""
    rows = db.execute(
        "SELECT item_id, fields ->> 't', metadata FROM search.items WHERE collection = %s"
        " ORDER BY item_id",
        (name,),
    )
    return [Item(item_id, set(text.split()), metadata) for item_id, text, metadata in rows]


def values(metadata: dict[str, Any], field: str) -> list[Any]:
    """All values at a key with dots, arrays unpacked."""
    if "." in field and field in metadata:
        return list(unpacked(metadata[field]))
    found: list[Any] = [metadata]
    for key in field.split("."):
        inner = [one[key] for one in found if isinstance(one, dict) and key in one]
        found = [value for one in inner for value in unpacked(one)]
    return found


def unpacked(value: Any) -> Iterator[Any]:
    """The value, or the elements of an array, two deep as the path has them."""
    if not isinstance(value, list):
        yield value
        return
    for one in value:
        yield from one if isinstance(one, list) else [one]


def number(value: Any) -> Decimal | None:
    """The value on the scale of numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return Decimal(str(value))


def day(value: Any) -> Decimal | None:
    """The value on the scale of days."""
    try:
        if isinstance(value, str) and len(value) >= 10 and value[4] == "-":
            return Decimal((date.fromisoformat(value[:10]) - date(1970, 1, 1)).days)
    except ValueError:
        return None
    return None


def scale(items: Iterable[Item], field: str) -> tuple[str | None, dict[int, set[Decimal]]]:
    """The kind that more items have, and the values of each item on its scale."""
    best: tuple[str | None, dict[int, set[Decimal]]] = (None, {})
    for kind, read in (("number", number), ("date", day)):
        placed: dict[int, set[Decimal]] = {}
        for item in items:
            vals = {v for v in map(read, values(item.metadata, field)) if v is not None}
            if vals:
                placed[item.item_id] = vals
        if len(placed) > len(best[1]):
            best = (kind, placed)
    return best


def matching(items: Iterable[Item], query: str | None) -> list[Item]:
    """Items with any word of the query."""
    return [i for i in items if not query or i.words & set(query.split())]
