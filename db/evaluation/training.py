"""Passages and citations, from which training pairs are built."""

from __future__ import annotations

from typing import Any

import msgspec

from db.calls.call import function, statement


class PassageRow(msgspec.Struct, frozen=True, kw_only=True):
    """An item with the text that a space embeds of it."""

    item_id: int
    external_id: str
    fields: dict[str, str]
    metadata: dict[str, Any]
    text: str


class PictureText(msgspec.Struct, frozen=True, kw_only=True):
    """A picture of an item, and a text that says what it shows; `sha256` in hexadecimal digits."""

    external_id: str
    grouped: str
    picture_id: int
    sha256: str
    media_type: str
    source: str
    content: str


class Citation(msgspec.Struct, frozen=True, kw_only=True):
    """An item whose text cites another one; `cited` is the citation without the law's name."""

    item_id: int
    citation_no: int
    cited: str
    cited_item_id: int


# The items that a space embeds, in the order of their ids.
passages = statement("training", "passages", PassageRow)
# Citations in texts of items, side by side with the names of the laws that they are of.
all_citations = statement("training", "all_citations", Citation)
# Pictures with what is said of them, by item; `sources`, `roles` and `group_key` as in SQL.
picture_texts = function("eval.picture_texts", PictureText)
