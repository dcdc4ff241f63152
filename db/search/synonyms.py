"""Synonyms of a collection: groups of words that mean the same."""

from __future__ import annotations

from typing import Literal

import msgspec

from db.calls.call import function, scalar, statement
from db.calls.rows import Count


class SynonymGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `search.synonyms`; without `typed`, each of the words finds the others."""

    group_id: int
    collection: str
    typed: list[str]
    words: list[str]
    weight: float


class GroupWritten(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a group: `no` counts those given from 1 (None: removed, since it was not given)."""

    no: int | None
    group_id: int | None
    done: Literal["added", "kept", "removed", "refused"]
    reason: str | None


synonyms = statement("results", "synonyms", SynonymGroup)
set_synonyms = function("ops.set_synonyms", GroupWritten, json=("groups",))
remove_synonyms = scalar("ops.remove_synonyms", Count)
