"""Searches of the defects domain: similar registered pictures, and sections of manuals."""

from __future__ import annotations

from db.calls.call import function
from db.defects.rows import ManualHit, Similar

# `query_vec` is float32 of shape (dim,).
similar_defects = function("search.similar_defects", Similar)
# `collection` None is where the product's manuals are.
manual = function("search.manual", ManualHit)
