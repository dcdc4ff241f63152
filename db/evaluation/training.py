"""Passages and citations, from which training pairs are built."""

from __future__ import annotations

from typing import Any

import msgspec

from db.calls.call import statement


class PassageRow(msgspec.Struct, frozen=True, kw_only=True):
    """An item with the text that a space embeds of it."""

    item_id: int
    external_id: str
    fields: dict[str, str]
    metadata: dict[str, Any]
    text: str


class Citation(msgspec.Struct, frozen=True, kw_only=True):
    """An item whose text cites another one; `cited` is the citation without the law's name."""

    item_id: int
    citation_no: int
    cited: str
    cited_item_id: int


# The items that a space embeds, in the order of their ids.
passages = statement("training", "passages", PassageRow)
# Citations of the items between two ids, those included.
all_citations = statement("training", "all_citations", Citation)
