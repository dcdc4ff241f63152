"""Items of a collection: listing and deletion."""

from __future__ import annotations

from db.calls.call import statement
from db.calls.rows import Id
from db.items.rows import Item

# By ascending id, those behind `after`.
listed = statement("items", "listed", Item, after=0, filter=None, external_id=None)
# The id, or no row where there was no such item.
delete_item = statement("items", "delete", Id)
