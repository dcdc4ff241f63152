"""Edits of an item: compared with what the editor saw, and refused where somebody else was quicker."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta, Struct, field

from db.items import editing
from db.items.editing import Edit, Part
from flows.errors import StaleEdit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flows.effects import Flow

MOST = 200
SHOWN = 80  # characters of a value in a message


class ItemChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change of a field (a text) or of a metadata key (JSON); null: nothing is there."""

    part: Part
    name: Annotated[str, Meta(min_length=1, max_length=500)]
    seen: Any = field(name="from", default=None)
    wanted: Any = field(name="to", default=None)


Changes = Annotated[list[ItemChange], Meta(min_length=1, max_length=MOST)]


def edit(item_id: int, changes: Sequence[ItemChange]) -> Flow[list[Edit]]:
    """Write changes of an item, all or none; they are searchable at once, by meaning after encoding.

    Raises:
        StaleEdit: something is no longer what the editor saw.
        UnknownName: no such item.
        BadRequest: a change that cannot be made.
    """
    edits: list[Edit] = yield editing.edit_item(item_id=item_id, changes=changes)
    if late := [one for one in edits if one.stale]:
        now = ", ".join(f"{one.name} is now {_shown(one.was)}" for one in late)
        raise StaleEdit(
            f"it was changed meanwhile: {now}", "Read the item again, and change what it says now."
        )
    return edits


def _shown(value: Any) -> str:
    text = "not there" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
