"""Moves of parts of sharded collections: calls of their steps and their rows."""

from __future__ import annotations

from datetime import datetime

import msgspec

from db.calls.call import function, procedure, scalar, statement


class MoveTarget(msgspec.Struct, frozen=True, kw_only=True):
    """A shard that a move fills, and the slots that it takes.

    `state` and `items` are those of the part on the source (open, closed, left).
    `switched`: the targets are asked already.
    """

    target: str
    slots: str
    state: str
    items: int
    switched: bool


class CopiedPart(msgspec.Struct, frozen=True, kw_only=True):
    """A step of copying; `last`: the id to go on behind, None at the end."""

    last: int | None
    looked: int
    copied: int
    removed: int


class SlotReaders(msgspec.Struct, frozen=True):
    """Transactions that may ask shards by the slots before a switch."""

    transactions: list[str]


class PartItems(msgspec.Struct, frozen=True):
    """A number of items."""

    n: int


class ShardMove(msgspec.Struct, frozen=True, kw_only=True):
    """A move under way, per target; `slots`: how many of the 4,096 it takes."""

    collection: str
    shard: str
    target: str
    slots: int
    started_at: datetime
    switched_at: datetime | None


shard_moves = statement("stats", "shard_moves", ShardMove)
start_move = statement("stats", "start_move", MoveTarget)
copy_part = function("ops.copy_part", CopiedPart)
close_part = procedure("ops.close_part")
switch_part = procedure("ops.switch_part")
slot_readers = scalar("impl.slot_readers", SlotReaders)
clear_moved = scalar("ops.clear_moved", PartItems)
end_move = scalar("ops.end_move", PartItems)
cancel_move = procedure("ops.cancel_move")
drop_moved = scalar("ops.drop_moved", PartItems)
