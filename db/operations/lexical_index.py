"""Maintenance of lexical indexes: build, mend, merge."""

from __future__ import annotations

import msgspec

from db.calls.call import function, scalar, statement


class LexicalIndex(msgspec.Struct, frozen=True, kw_only=True):
    """A lexical index: its id, its collection, and whether it is live or being built."""

    id: int
    collection: str
    status: str


class MergeStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a merge: what it did (None: nothing is left) to how many documents or lexemes."""

    action: str | None
    done: int | None


class Value(msgspec.Struct, frozen=True):
    """A single value."""

    value: int | None


# Those being built first.
indexes = statement("queues", "indexes", LexicalIndex)
# The value is the last item id, None at the end.
build_step = scalar("impl.lexical_build_step", Value)
# The value is the number of items that had to be mended.
swap = scalar("impl.lexical_swap", Value)
# The value is the number of items written while triggers were off.
mend = scalar("impl.lexical_mend", Value)
merge_step = function("impl.merge_step", MergeStep)
# The value is the number of rows of indexes that are gone.
drop_leftovers = scalar("impl.drop_leftovers", Value)
# The value is the number of documents whose words were counted, 0 at the end.
vocabulary_step = scalar("impl.vocabulary_step", Value)
