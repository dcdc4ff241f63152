"""Suggestions while typing: calls of `search.suggest`, and of what keeps titles up to date."""

from __future__ import annotations

from typing import Literal

import msgspec

from db.calls.call import function, procedure, scalar, statement
from db.operations.lexical_index import Value
from db.sqlfiles import statements


class SuggestRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `search.suggest` with the state of the collection; `text` None: nothing was found."""

    state: Literal["ready", "building", "off"]
    rank: int | None
    text: str | None
    source: Literal["title", "word", "phrase", "identifier", "query"] | None
    n: int | None
    how: Literal["typed", "initials", "keyboard"] | None
    lower_bound: bool | None
    ignored: list[str] | None


class TitledCollection(msgspec.Struct, frozen=True, kw_only=True):
    """A collection, and whether titles of its items wait to be read."""

    id: int
    collection: str
    stale: bool


# One row at least.
suggest = function(
    "search.suggest", SuggestRow, within=statements("results")["with_state"], reads=True
)
set_suggestions = procedure("ops.set_suggestions")
collections = statement("queues", "titled", TitledCollection)
# The value is the last item id, None at the end.
titles_step = scalar("impl.titles_step", Value)
# The value is the number of rows folded, None where somebody else folds.
fold = scalar("impl.fold_completions", Value)
# The value is the number of queries that are suggested, None where a shard does not answer.
renew_queries = scalar("impl.suggest_queries", Value)
