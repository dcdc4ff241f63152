"""Rights that undo what the roles promise: who may create where the owner's programs look for functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from db.calls.query import Query, fetch
from db.operations.check import Check
from db.sqlfiles import statements

if TYPE_CHECKING:
    import psycopg

# Of one mistake there may be one per table.
SHOWN = 5


class Danger(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may do what nobody but the owner should; `undo` is the statement that ends it."""

    who: str
    what: str
    undo: str


def dangers() -> Query[Danger]:
    """All dangerous rights in the database of the connection."""
    return Query(statements("grants")["dangers"], {}, Danger)


def grant_checks(conn: psycopg.Connection[Any]) -> list[Check]:
    """A failed check for each dangerous right, the first ones of many, or one that says all is well."""
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
