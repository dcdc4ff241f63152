"""Arguments and rows of items and collections."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, TypedDict

import msgspec
from msgspec import UNSET, UnsetType

Name = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_-]{0,62}$")]


class MediaIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A picture of an item to write; its bytes are given in exactly one way.

    Attributes:
        role: the role of the picture: photo, nameplate, question, …
        path: as the records name it; found through the index of the picture folder.
        url: fetched only where that is allowed.
        base64: the bytes themselves.
    """

    role: Name = "photo"
    path: str | None = None
    url: str | None = None
    base64: str | None = None

    def __post_init__(self) -> None:
        if sum(way is not None for way in (self.path, self.url, self.base64)) != 1:
            raise ValueError("a picture needs exactly one of path, url and base64")

    @property
    def name(self) -> str:
        """The name of the picture in messages and tables."""
        return self.path or self.url or "(inline)"


class ItemIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An item to write.

    Attributes:
        external_id: the caller's key, 1 to 500 characters.
        fields: searchable texts by name.
        metadata: filterable JSON.
        media: pictures that belong to the item; None leaves those it has alone.
    """

    external_id: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    fields: dict[str, str]
    metadata: dict[str, Any] = {}
    media: list[MediaIn] | None = None


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `search.items`."""

    item_id: int
    collection: str
    external_id: str
    fields: dict[str, str]
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `ops.upsert_items`."""

    external_id: str
    item_id: int
    action: Literal["inserted", "updated", "unchanged"]


class KeyNames(TypedDict, total=False):
    """Names of a key for people, and of its values, each by language."""

    ko: str
    en: str
    values: dict[str, dict[str, str]]


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `search.collections`; `dated`: some items are valid for a time.

    `items` None: a shard of it does not answer. `labels` are names of keys and values.
    """

    collection: str
    analyzer: str
    field_weights: dict[str, float]
    identifier_fields: list[str]
    vector_sources: dict[str, dict[str, list[str]]]
    picture_readers: dict[str, str]
    items: int | None
    created_at: datetime
    title_fields: list[str]
    suggest_queries: bool
    titles_stale: bool
    shape: dict[str, Any] | None
    dated: bool
    shards: list[str] | None
    labels: dict[str, KeyNames]


class NewCollection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of a collection to create; what is unset has the default of `ops.create_collection`."""

    analyzer: Literal["simple", "english", "korean", "korean_syllables"] | UnsetType = UNSET
    field_weights: dict[str, float] | UnsetType = UNSET
    identifier_fields: list[str] | UnsetType = UNSET
    vector_sources: dict[Name, dict[str, list[str]]] | UnsetType = UNSET
    picture_readers: dict[Literal["ocr", "caption"], str] | UnsetType = UNSET
    shards: list[str] | UnsetType = UNSET
