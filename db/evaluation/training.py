"""What pairs to train with are made from: passages, and what they cite."""

from __future__ import annotations

from typing import Any

import msgspec

from db.calls.query import Query
from db.sqlfiles import statements


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


def passages(*, collection: str, space: str) -> Query[PassageRow]:
    """The items that a space embeds, in the order of their ids."""
    params = {"collection": collection, "space": space}
    return Query(statements("training")["passages"], params, PassageRow)


def all_citations(
    *, collection: str, text_field: str, law_field: str, first_id: int, last_id: int
) -> Query[Citation]:
    """What the items between two ids cite, those included."""
    params = {
        "collection": collection,
        "text_field": text_field,
        "law_field": law_field,
        "first_id": first_id,
        "last_id": last_id,
    }
    return Query(statements("training")["all_citations"], params, Citation)
