"""Manuals written, and searches of the defects domain: similar pictures, products, sections."""

from __future__ import annotations

import msgspec

from db.calls.call import function
from db.defects.manual_rows import ManualHit, ManualWritten
from db.defects.rows import Similar


class ProductGuess(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `search.guess_product`."""

    product: str
    view: str
    rank: int
    votes: int
    neighbours: int
    share: float
    view_share: float
    strangeness: float | None


# `query_vec` is float32 of shape (dim,).
similar_defects = function("search.similar_defects", Similar)
guess_product = function("search.guess_product", ProductGuess)
# `collection` None is where the product's manuals are.
manual = function("search.manual", ManualHit)

# `sections` are `ItemIn`s; `report` says what reading left out.
replace_manual = function("ops.replace_manual", ManualWritten, json=("sections", "report"))
