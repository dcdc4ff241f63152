"""The type of recipes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from db.items.rows import ItemIn, NewCollection
from encoders import registry
from encoders.errors import EncoderError
from jobs.errors import BadRecord

if TYPE_CHECKING:
    from encoders.settings import EncoderSettings

# Name of the space of texts and pictures together.
MULTIMODAL = "multimodal"


def as_given(record: Mapping[str, Any]) -> ItemIn:
    """Take a record that already is an item: {"external_id", "fields", "metadata", "media"}."""
    return msgspec.convert(record, ItemIn)


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """A mapping from the records of a domain to items, and the settings of its collection.

    Attributes:
        name: what users type.
        about: one line for `--help`.
        collection: settings of a collection that the recipe makes.
        to_item: turns one decoded JSON record into an item.
        together: sources of the space `multimodal`, of texts and pictures together, which a collection gets
            where a model of both is on the machine.
        takes: keys of a record that it has a place for, `a.b` for b in the object a; others are counted.

    `to_item` raises BadRecord, or msgspec.ValidationError, naming the key that is wrong.
    """

    name: str
    about: str
    collection: NewCollection
    to_item: Callable[[Mapping[str, Any]], ItemIn] = as_given
    together: Mapping[str, list[str]] = msgspec.field(default_factory=dict)
    takes: frozenset[str] = frozenset(ItemIn.__struct_fields__)

    def settings(self, encoders: EncoderSettings) -> tuple[NewCollection, str | None]:
        """Settings of a collection that it makes on this machine, and what they leave out, and why."""
        if not self.together:
            return self.collection, None
        model = encoders.encoder_for("multimodal")
        try:
            registry.spec(model, encoders.models_path)
        except EncoderError as exc:
            return self.collection, f"no space of texts and pictures together: {exc}"
        sources = self.collection.vector_sources or {}
        more = {**sources, MULTIMODAL: dict(self.together)}
        return msgspec.structs.replace(self.collection, vector_sources=more), None

    def unused(self, record: Mapping[str, Any]) -> Iterator[str]:
        """Find the keys of a record without a place in the item."""
        for key, value in record.items():
            if key in self.takes:
                continue
            parts = {name for name in self.takes if name.startswith(f"{key}.")}
            if parts and isinstance(value, dict):
                yield from (f"{key}.{part}" for part in value if f"{key}.{part}" not in parts)
            elif not parts:
                yield key


def required(record: Mapping[str, Any], key: str) -> Any:
    """Get the value of a required key.

    Raises:
        BadRecord: it is not, or it is null or blank.
    """
    value = record.get(key)
    if value is None or (isinstance(value, str) and not value.strip()):
        raise BadRecord(f"{key}: missing or empty")
    return value
