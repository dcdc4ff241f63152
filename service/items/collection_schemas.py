"""Requests to create collections."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from db.items.rows import Name, NewCollection

Sources = Annotated[
    dict[str, Annotated[list[str], msgspec.Meta(min_length=1, max_length=100)]],
    msgspec.Meta(min_length=1, max_length=100),
]

Label = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"\S")]
Names = Annotated[dict[Literal["ko", "en"], Label], msgspec.Meta(min_length=1)]


class KeyChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Names of a key for people, and of its values: `{"values": {"law": {"ko": "법령"}}}`.

    Names that are given replace those there were. Values that are not given keep theirs; null
    removes those of one, or of all.
    """

    ko: Label | UnsetType = UNSET
    en: Label | UnsetType = UNSET
    values: dict[str, Names | None] | UnsetType | None = UNSET


Labels = Annotated[
    dict[str, KeyChange | None],
    msgspec.Meta(min_length=1, max_length=1000),
]


class QueuedOut(msgspec.Struct, frozen=True):
    """Number of items that wait for a worker because of a change, or would."""

    queued: int


class VectorsGone(msgspec.Struct, frozen=True):
    """Number of items whose vectors in a space were deleted, or would be."""

    items: int


class CollectionIn(NewCollection, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A collection to create.

    `field_weights`: weight per field in word search, 1 where not named. `identifier_fields`: where
    part numbers stand. `vector_sources`: `{space: {source: [fields]}}`, which fields, joined, make
    each vector: fields, templates with fields in braces such as `[maker] {maker}` (left out where
    they have no text), and `@role` for the pictures of that role. `picture_readers`: who reads
    pictures, such as `{"ocr": "auto"}`. `shards`: over which its items are spread, by name
    (docs/shards.md); here, where it is left out.
    """

    name: Name

    def settings(self) -> NewCollection:
        """Everything but the name."""
        given = msgspec.structs.asdict(self)
        del given["name"]
        return NewCollection(**given)


class CollectionChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the indexes of words and part numbers; what is left out stays as it is."""

    analyzer: Literal["simple", "english", "korean", "korean_syllables"] | None = None
    field_weights: dict[str, Annotated[float, msgspec.Meta(ge=0, le=1000)]] | None = None
    identifier_fields: (
        Annotated[
            list[Annotated[str, msgspec.Meta(min_length=1, max_length=500)]],
            msgspec.Meta(max_length=100),
        ]
        | None
    ) = None
