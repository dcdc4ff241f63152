"""Requests and answers about items."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from db.items.rows import Written
from db.items.stored_pictures import ItemCaption, ItemMedia
from flows.items.editing import Changes

MAX_ITEMS = 1000


class ItemsIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Items to write.

    Each has `external_id`, `fields` (name -> text), and may have `metadata` (JSON) and `media`:
    pictures as `{"role": "photo", "base64": "..."}`; without `media` an item keeps the pictures it
    has. They are checked one by one: a bad one is refused and the others are written.
    """

    items: Annotated[list[Any], Meta(max_length=MAX_ITEMS)]


class ItemPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes of an item, all or none of which are made."""

    changes: Changes


class RefusedItem(Struct, frozen=True):
    """An item that was not written: its place in the request (from 0), and why."""

    index: int
    external_id: str | None
    reason: str


class ItemsOut(Struct, frozen=True, kw_only=True):
    """The result of a request to write items; `written` is in the order of the request.

    `refused_pictures` names pictures that were unavailable or could not be read; their items are written.
    """

    collection: str
    inserted: int
    updated: int
    unchanged: int
    pictures: int
    refused: list[RefusedItem]
    refused_pictures: list[RefusedItem]
    written: list[Written]


class ItemOut(Struct, frozen=True, kw_only=True):
    """An item with its pictures and what was read in them; `spaces`: the live ones where it has vectors.

    `caption` is that of all its pictures together; null for items with one picture or none.
    """

    item_id: int
    collection: str
    external_id: str
    fields: dict[str, str]
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    media: list[ItemMedia]
    caption: ItemCaption | None
    spaces: list[str]


class RefusedLine(Struct, frozen=True):
    """A line that was refused, counted from 1, and why."""

    line: int
    external_id: str | None
    reason: str


class BulkOut(Struct, kw_only=True):
    """The result of an upload. Of each kind of refusal the first ones are listed, all are counted."""

    collection: str
    inserted: int
    updated: int
    unchanged: int
    pictures: int
    refused: int
    refused_pictures: int
    refusals: list[RefusedLine]
    picture_refusals: list[RefusedLine]
