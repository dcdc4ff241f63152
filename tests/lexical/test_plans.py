"""How the statements inside the search functions are executed: no scan over all posting blocks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.lexical import support

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.lexical.support import Conn

DOCS = 3000


@pytest.fixture
def filled(db: Conn) -> Conn:
    """3,000 documents in two collections, vacuumed."""
    rng = np.random.default_rng(1)
    for name in ("c", "other"):
        cid = support.make_collection(db, name)
        words = rng.zipf(1.4, (DOCS, 20)) % 2000
        support.copy_items(
            db,
            cid,
            [(str(at), {"t": " ".join(f"w{w}" for w in row)}, {}) for at, row in enumerate(words)],
        )
    db.execute("VACUUM (ANALYZE) core.posting_block, core.lexdoc, core.segment, core.item")
    return db


def explained(conn: Conn, function: str, call: str, params: dict[str, Any]) -> list[dict[str, Any]]:
    """All nodes of the plan of the statement that is the body of an SQL function.

    The body is run, with EXPLAIN before it, by a PL/pgSQL function of the same name and parameters:
    so the names in it mean what they mean in the original.
    """
    row = conn.execute(
        "SELECT pg_get_function_identity_arguments(oid), prosrc FROM pg_proc WHERE oid = %s::regproc",
        (function,),
    ).fetchone()
    assert row is not None
    # Results of a TABLE function are not parameters; those of OUT parameters would be variables.
    arguments = ", ".join(a for a in row[0].split(", ") if not a.startswith("OUT "))
    name = function.partition(".")[2]
    conn.execute(
        f"CREATE FUNCTION pg_temp.{name}({arguments}) RETURNS json LANGUAGE plpgsql"
        " SET plan_cache_mode = force_generic_plan"  # as search.lexical has it
        f" AS $f$ #variable_conflict use_column\n#print_strict_params off\n"  # type: ignore[arg-type]
        f"DECLARE plan json; BEGIN EXPLAIN (FORMAT JSON) {row[1]}; END $f$"
        if False
        else f"CREATE FUNCTION pg_temp.{name}({arguments}) RETURNS json LANGUAGE plpgsql"
        f" AS $f$\n#variable_conflict use_column\nDECLARE plan json;\nBEGIN\n"
        f"FOR plan IN EXPLAIN (FORMAT JSON) {row[1]} LOOP RETURN plan; END LOOP;\nEND $f$"
    )
    plan = support.one(conn, f"SELECT pg_temp.{name}({call})", params)  # type: ignore[arg-type]
    return list(nodes(plan[0]["Plan"]))


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def access(plan: list[dict[str, Any]], table: str) -> list[tuple[str, str | None]]:
    """How a table is read: kinds of scan and their indexes."""
    return [
        (node["Node Type"], node.get("Index Name"))
        for node in plan
        if node.get("Relation Name") == table
    ]


def test_x(filled: Conn) -> None:
    assert re
