"""Requests to create collections."""

import msgspec

from db.items.rows import Name, NewCollection


class CollectionIn(NewCollection, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A collection to create.

    `field_weights`: weight per field in word search, 1 where not named. `identifier_fields`: where
    part numbers stand. `vector_sources`: `{space: {source: [fields]}}`, which fields, joined, make
    each vector; `@role` stands for the pictures of that role. `picture_readers`: who reads
    pictures, such as `{"ocr": "auto"}`.
    """

    name: Name

    def settings(self) -> NewCollection:
        """Everything but the name."""
        given = msgspec.structs.asdict(self)
        del given["name"]
        return NewCollection(**given)
