"""A collection that its database has outgrown, moved to shards with all its items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from db.calls.query import fetch
from db.errors import BadRequest
from db.operations import moves
from jobs.shards import move as moving
from jobs.shards.move import move
from tests.shards.hangs import hang, told
from tests.shards.support import MAKE, answer, encode, total, troubles, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.shards.conftest import Conn, Trio

pytestmark = pytest.mark.db

IDS = "SELECT array_agg(id ORDER BY id) FROM core.item WHERE collection_id = impl.named_collection(%s)"
BY_ID = """SELECT (SELECT jsonb_agg(to_jsonb(i) ORDER BY i.id) FROM impl.item_rows(%(ids)s) AS i)::text,
    (SELECT jsonb_agg(to_jsonb(n) - 'score') FROM search.by_item(%(c)s, %(ids)s[1], 5) AS n)::text,
    (SELECT array_agg(v.vec::text ORDER BY v.at) FROM impl.first_vectors(impl.live_space('text'), %(ids)s)
        AS v),
    (SELECT array_agg(m.role ORDER BY m.role) FROM impl.item_media(%(ids)s[2]) AS m),
    (SELECT array_agg(r.kind ORDER BY r.kind) FROM search.readings(%(ids)s[2]) AS r)"""
CLICKS = "SELECT count(*) FROM ops.query_click WHERE collection_id = impl.named_collection(%s)"


@pytest.fixture(autouse=True)
def as_before(trio: Trio, main: Conn) -> Iterator[None]:
    """Nothing of it is there for other tests."""
    yield
    main.execute("SELECT ops.delete_collection(c.name) FROM core.collection AS c")
    for name in "abc":
        with trio.on(name) as conn:
            conn.execute("DELETE FROM core.collection")


def own(trio: Trio, main: Conn, collection: str, n: int) -> list[int]:
    """A collection of the coordinator's own, with vectors; ids of its items."""
    main.execute(MAKE, (collection, None))
    write(main, collection, range(n))
    encode(trio, ["one"], collection)
    row = main.execute(IDS, (collection,)).fetchone()
    assert row is not None
    return list(row[0])


def by_id(conn: Conn, collection: str, ids: list[int]) -> Any:
    """Answers to questions that name items by their ids."""
    return conn.execute(BY_ID, {"ids": ids, "c": collection}).fetchone()


def test_items_of_the_coordinator_move_with_all_that_hangs_on_them(trio: Trio, main: Conn) -> None:
    ids = own(trio, main, "own", 24)
    hang(main, "own")
    main.execute(
        "SELECT impl.enqueue_items(ARRAY[(impl.live_space('text')).id], %s::bigint[])", (ids[:1],)
    )
    main.execute("SELECT ops.set_suggestions('own', '{pn}')")
    asked, named, want = answer(main, "own"), by_id(main, "own", ids), told(main, "own")
    part = {"collection": "own", "shard": "here"}
    fetch(main, moves.start_move(**part, targets=["a", "c"]))
    (told_of_it,) = troubles(main)
    assert "seogo shard move own here a c" in told_of_it
    fetch(main, moves.close_part(**part))
    with pytest.raises(psycopg.Error, match="is just being moved"):
        write(main, "own", range(1), "oil")
    for refused in (
        "SELECT ops.set_suggestions('own', '{title}')",
        "SELECT ops.alter_collection('own', k1 => 1)",
        "SELECT ops.start_generation('text', 'dummy', 'dummy@other', 32)",
        "SELECT ops.delete_collection('own')",
    ):
        with pytest.raises(psycopg.Error, match="is being moved from here"):
            main.execute(refused.encode())
    fetch(main, moves.cancel_move(**part))
    with main.transaction(force_rollback=True):
        write(main, "own", range(1), "oil")

    assert move(main, "own", "here", ["a", "c"]).queued == 1
    assert (answer(main, "own"), by_id(main, "own", ids)) == (asked, named)
    with trio.on("a") as a, trio.on("c") as c:
        assert told(a, "own") | told(c, "own") == want
        assert a.execute(IDS, ("own",)).fetchone() != (None,)
    suggested = main.execute("SELECT text FROM search.suggest('own', 'px', 30)").fetchall()
    assert len(suggested) == 24
    # Nothing is here but what is a coordinator's: the clicks.
    assert main.execute(IDS, ("own",)).fetchone() == (None,)
    assert main.execute(CLICKS, ("own",)).fetchone() == (24,)
    assert (total(main, "own"), troubles(main)) == (24, [])
    write(main, "own", range(30), "oil")
    gone = main.execute("SELECT ops.delete_items(%s)", (ids[:2],)).fetchall()
    assert [row[0] for row in gone] == ids[:2]
    assert main.execute(CLICKS, ("own",)).fetchone() == (22,)
    assert total(main, "own") == 28
    move(main, "own", "a", ["b"])  # and on, as any part
    assert total(main, "own") == 28


class Stopped(Exception):
    """The program was killed."""


@pytest.mark.parametrize("before", ["copy_part", "switch_part", "clear_moved", "end_move"])
def test_such_a_move_that_is_killed_goes_on_where_it_was(
    trio: Trio, main: Conn, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    name = f"own-{before.partition('_')[0]}"
    ids = own(trio, main, name, 12)
    asked, named = answer(main, name), by_id(main, name, ids)

    def until(conn: Conn, query: Any) -> Any:
        if before in str(query.statement):
            raise Stopped
        return fetch(conn, query)

    monkeypatch.setattr(moving, "fetch", until)
    with pytest.raises(Stopped):
        move(main, name, "here", ["b"])
    monkeypatch.undo()
    assert (answer(main, name), by_id(main, name, ids), total(main, name)) == (asked, named, 12)
    if before == "clear_moved":  # some are deleted here
        part = {"collection": name, "shard": "here"}
        assert fetch(main, moves.clear_moved(**part, batch_n=5))[0].n == 5
        assert (answer(main, name), by_id(main, name, ids)) == (asked, named)
        with pytest.raises(BadRequest, match="are here still"):
            fetch(main, moves.end_move(**part))
    move(main, name, "here", ["b"])
    assert (answer(main, name), by_id(main, name, ids), total(main, name)) == (asked, named, 12)
    assert troubles(main) == []
    write(main, name, range(14), "oil")
    assert total(main, name) == 14


def test_what_cannot_move_from_here_is_refused(trio: Trio, main: Conn) -> None:
    ids = own(trio, main, "stays", 4)
    with pytest.raises(BadRequest, match="not back here"):
        move(main, "stays", "here", ["here"])
    with pytest.raises(BadRequest, match="nothing is kept here"):
        fetch(main, moves.drop_moved(collection="stays", shard="here"))
    with pytest.raises(psycopg.Error, match="this database itself"):
        main.execute("SELECT ops.add_shard('here', '{\"dbname\": \"x\"}')")
    with trio.on("c") as c:  # as if it had an item before it became a shard
        c.execute(MAKE, ("before", None))
        c.execute(
            "INSERT INTO core.item (id, collection_id, external_id) OVERRIDING SYSTEM VALUE"
            " VALUES (%s, impl.named_collection('before'), 'P')",
            (ids[3],),
        )
    with pytest.raises(BadRequest, match=f"another item has id {ids[3]} on that shard"):
        move(main, "stays", "here", ["c"])
    fetch(main, moves.cancel_move(collection="stays", shard="here"))
    main.execute("SELECT ops.add_product('pump-stays', collection => 'stays')")
    with pytest.raises(BadRequest, match="product pump-stays"):
        move(main, "stays", "here", ["a"])
    assert (total(main, "stays"), troubles(main)) == (4, [])
