"""Numbers below what a function takes are refused alike: SG004, whatever the PostgreSQL and the data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.sql.helpers import make_collection, put
from tests.sql.test_calls import SIGNATURES

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

LIMITS = re.compile(r"k|skip|n|most|per_webhook|\w+_n")
GIVEN = {
    "collection": "'parts'",
    "query": "'pump'",
    "space": "'text'",
    "field": "'year'",
    "owner": "'me'",
    "question": "'pump'",
    "hits": "'[]'",
    "kind": "'ocr'",
    "item": "1",
    "item_id": "1",
    "item_ids": "'{1}'",
}
# Looked at where a leg is used, and where there is a ranking or a run.
LATER = re.compile(r"search\.\w+_leg|ops\.read_ranking|eval\.error_log k")


def calls(db: Conn) -> dict[str, str]:
    """Calls with -1 for a limit, by function and argument; what a call needs beside is NULL if unknown."""
    made = {}
    for name, arguments, defaults, types in db.execute(SIGNATURES).fetchall():
        needed = arguments[: len(arguments) - defaults]
        for limit, kind in zip(arguments, types, strict=True):
            if kind in ("integer", "bigint") and LIMITS.fullmatch(limit) and needed != arguments:
                given = {one: GIVEN.get(one, "NULL") for one in needed} | {limit: "-1"}
                told = ", ".join(f"{one} => {value}" for one, value in given.items())
                made[f"{name} {limit}"] = f"SELECT * FROM {name}({told})"
    return {
        name: call for name, call in made.items() if name[:5] != "impl." and not LATER.match(name)
    }


def test_a_number_below_zero_is_refused_by_every_function(db: Conn, dummy_space: int) -> None:
    make_collection(db)
    put(db, {"P1": {"title": "pump"}}, metadata={"P1": {"year": 2001}})
    states = {}
    tried = calls(db)
    for name, call in tried.items():
        try:
            db.execute(call.encode())
            states[name] = "rows"
        except psycopg.Error as exc:
            states[name] = exc.sqlstate or ""
    assert len(tried) > 60
    # SG001 and SG003: of an argument that this test knows no value for.
    assert {name: state for name, state in states.items() if not state.startswith("SG")} == {}


def test_pages_before_the_first_are_refused(db: Conn) -> None:
    make_collection(db)
    put(db, {"P1": {"title": "pump"}, "P2": {"title": "pump"}})
    for call in ("hybrid('parts', 'pump'", "by_item('parts', 1", "interleaved('parts', 'pump'"):
        for page in ("k => -1", "skip => -1", "k => -1, skip => 5"):
            with pytest.raises(psycopg.Error, match="is -1, which is too small") as caught:
                db.execute(f"SELECT * FROM search.{call}, {page})".encode())
            assert caught.value.sqlstate == "SG004"
