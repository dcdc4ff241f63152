"""Health checks of a coordinator's shards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.calls.query import fetch
from db.operations import shards
from db.operations.check import Check

if TYPE_CHECKING:
    from jobs.types import Conn


def shard_checks(conn: Conn) -> list[Check]:
    """Check that shards answer, and count and score as this coordinator does; none where there are none."""
    checks = fetch(conn, shards.shard_checks())
    wrong = [
        Check(
            name=f"shard {one.shard}: {one.item}",
            state="fail",
            detail=one.detail or "",
            todo="seogo shard doctor",
        )
        for one in checks
        if not one.ok
    ]
    if wrong or not checks:
        return wrong
    names = ", ".join(dict.fromkeys(one.shard for one in checks))
    return [Check(name="shards", state="ok", detail=f"{names}: {len(checks)} checks")]
