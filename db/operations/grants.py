"""Checks for dangerous grants, such as CREATE where the owner's programs look for functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from db.calls.call import statement
from db.calls.query import fetch
from db.operations.check import Check

if TYPE_CHECKING:
    import psycopg

# Of one mistake there may be one per table.
SHOWN = 5


class Danger(msgspec.Struct, frozen=True, kw_only=True):
    """A dangerous right of a role; `undo` is the statement that revokes it."""

    who: str
    what: str
    undo: str


dangers = statement("grants", "dangers", Danger)


def grant_checks(conn: psycopg.Connection[Any]) -> list[Check]:
    """Check for dangerous rights: a failed check for each of the first ones, or one that is ok."""
    found = fetch(conn, dangers())
    if not found:
        return [Check(name="grants", state="ok", detail="nobody may more than the roles promise")]
    checks = [
        Check(name="grants", state="fail", detail=f"{d.who} may {d.what}", todo=d.undo)
        for d in found[:SHOWN]
    ]
    if len(found) > SHOWN:
        told = f"and {len(found) - SHOWN} more like these"
        todo = "undo those above, then `seogo db check` again"
        checks.append(Check(name="grants", state="fail", detail=told, todo=todo))
    return checks
