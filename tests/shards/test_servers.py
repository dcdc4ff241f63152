"""Sharded collections on three real servers: moves, faults of shards, and two coordinators."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from db import connect
from db.calls.query import fetch
from db.errors import BadRequest, SeogoDbError, ShardUnavailable
from db.operations import moves
from db.spaces import generations
from jobs.backup import restore as restoring
from jobs.backup.create import create
from jobs.backup.manifest import BackupError, chosen
from jobs.backup.store import FolderStore
from jobs.reembed.away import NoWorkerThere, await_encoded, enqueue_away
from jobs.shards import move as moving
from jobs.shards.move import move
from jobs.types import silent
from tests.jobs.support import wait_until
from tests.shards.hangs import hang, told
from tests.shards.support import (
    MAKE,
    answer,
    encode,
    held,
    in_thread,
    make,
    moved,
    rounds_written,
    total,
    troubles,
    waits,
    write,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.shards.conftest import Conn, Trio

pytestmark = pytest.mark.db


def test_a_part_moves_and_answers_are_the_same_bit_for_bit(trio: Trio, main: Conn) -> None:
    make(trio, "calm", ["a", "b"])
    with trio.on("a") as conn:  # one waits for an encoder
        conn.execute(
            "SELECT impl.enqueue_items(ARRAY[(impl.live_space('text')).id],"
            " ARRAY[(SELECT min(id) FROM core.item)])"
        )
    before = answer(main, "calm")
    sums = "SELECT sum(items), sum(waiting) FROM search.shard_states()"
    counted = main.execute(sums).fetchone()
    done = moved(trio, "calm", "a", "c")
    assert main.execute(sums).fetchone() == counted
    assert (total(main, "calm"), done.copied, done.queued) == (60, done.items, 1)
    assert answer(main, "calm") == before
    assert before
    # The old place is kept, and neither asked nor written, until somebody drops it.
    with trio.on("a") as old:
        with pytest.raises(psycopg.Error, match="has moved to shard number"):
            old.execute("DELETE FROM core.item")
        ids = [row[0] for row in old.execute("SELECT id FROM core.item").fetchall()]
        assert len(ids) == done.items
    found = main.execute("SELECT count(*) FROM impl.shard_items(%s)", (ids,)).fetchone()
    assert found == (done.items,)
    with pytest.raises(BadRequest, match="in use on c"):
        fetch(main, moves.drop_moved(collection="calm", shard="c"))
    assert fetch(main, moves.drop_moved(collection="calm", shard="a"))[0].n == done.items
    assert answer(main, "calm") == before


def test_writes_and_searches_go_on_while_a_part_moves(trio: Trio, main: Conn) -> None:
    main.execute(MAKE, ("busy", None))
    write(main, "busy", range(60))
    over, joining = threading.Event(), threading.Event()
    written: list[int] = []
    wrong: list[Exception] = []

    def use() -> None:
        with trio.on("one") as conn:
            for n in range(60, 10_000):
                if over.is_set():
                    return
                try:
                    write(conn, "busy", range(n, n + 1))
                    written.append(n)
                except psycopg.Error as exc:
                    if exc.sqlstate != "SG005":  # send again
                        wrong.append(exc)
                try:
                    conn.execute("SELECT * FROM search.lexical('busy', 'pump', 5)").fetchall()
                except psycopg.Error as exc:
                    if not (joining.is_set() and exc.sqlstate == "SG005"):  # ask again
                        wrong.append(exc)

    thread = threading.Thread(target=use)
    thread.start()
    try:
        move(main, "busy", "here", ["a", "b"])
        for shard, target in (("a", "c"), ("c", "a")):
            moved(trio, "busy", shard, target)
        joining.set()
        moved(trio, "busy", "b", "a")
    finally:
        over.set()
        thread.join()
    assert wrong == []
    assert written
    listed = {
        row[0]
        for row in main.execute(
            "SELECT external_id FROM impl.shard_listed("
            "impl.named_collection('busy'), NULL, 0, NULL, 100000)"
        )
    }
    assert {f"P{n}" for n in written} <= listed
    assert total(main, "busy") == len(listed)


class Stopped(Exception):
    """The program was killed."""


def test_a_move_that_is_killed_anywhere_goes_on_where_it_was(
    trio: Trio, main: Conn, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(trio, "killed", ["a", "b"], n=12)
    before = answer(main, "killed")
    places = ["a", "c"]
    for steps in range(1, 100):
        left = [steps]

        def until(conn: Conn, query: Any, left: list[int] = left) -> Any:
            if left[0] == 0:
                raise Stopped
            left[0] -= 1
            return fetch(conn, query)

        monkeypatch.setattr(moving, "fetch", until)
        try:
            move(main, "killed", places[0], places[1:])
        except Stopped:
            assert answer(main, "killed") == before
            left[0] = 100
            move(main, "killed", places[0], places[1:])
        else:
            break
        assert total(main, "killed") == 12
        write(main, "killed", range(12))  # wherever they are, they are written
        places.reverse()
    assert steps > 8
    assert answer(main, "killed") == before


def test_a_shard_is_split_and_none_of_its_items_lost(trio: Trio, main: Conn) -> None:
    make(trio, "grown", ["a"], n=40)
    before = answer(main, "grown")
    move(main, "grown", "a", ["c", "b"])
    assert (answer(main, "grown"), total(main, "grown")) == (before, 40)
    slots = "SELECT slots::text FROM core.shard_slots WHERE collection_id = impl.named_collection('grown')"
    assert {row[0] for row in main.execute(slots)} == {"{[0,2048)}", "{[2048,4096)}"}
    write(main, "grown", range(60))
    assert (total(main, "grown"), troubles(main)) == (60, [])
    # Settings change on all shards; what a change costs is counted over them.
    main.execute("SELECT ops.alter_collection('grown', identifier_fields => '{title}')")
    gone = "SELECT ops.set_vector_sources('grown', 'text', NULL, %s)"
    assert main.execute(gone, (True,)).fetchone() == (40,)
    assert main.execute(gone, (False,)).fetchone() == (40,)
    fed = "SELECT identifier_fields, vector_sources FROM search.collections WHERE collection = 'grown'"
    assert main.execute(fed).fetchone() == (["title"], {})
    assert troubles(main) == []


def test_what_hangs_on_items_moves_with_them(trio: Trio, main: Conn) -> None:
    make(trio, "hung", ["a"], n=12)
    with trio.on("a") as a, trio.on("b") as b, trio.on("c") as c:
        hang(a, "hung")
        want = told(a, "hung")
        of_hung = "FROM core.item WHERE collection_id = impl.named_collection('hung')"
        earlier = "SELECT e.content FROM unnest(%s::bigint[]) AS i(id), search.earlier_readings(i.id) AS e"
        ids = [row[0] for row in a.execute(f"SELECT id {of_hung}").fetchall()]
        replaced = a.execute(earlier, (ids,)).fetchall()
        assert set(replaced) == {("a caption",)}
        part = {"collection": "hung", "shard": "a"}
        fetch(main, moves.start_move(**part, targets=["c", "b"]))
        fetch(main, moves.close_part(**part))
        for refused in (
            "UPDATE ops.contradiction SET note = 'x'",
            "DELETE FROM core.media",
            "UPDATE core.picture_identifier SET raw = 'ZQ-77777'",
        ):
            with pytest.raises(psycopg.Error, match="is just being moved"):
                a.execute(refused.encode())
        fetch(main, moves.cancel_move(**part))
        move(main, "hung", "a", ["c", "b"])
        assert told(b, "hung") | told(c, "hung") == want
        assert main.execute(earlier, (ids,)).fetchall() == replaced
        assert len(told(b, "hung")) + len(told(c, "hung")) == len(want)
        waiting = (
            "SELECT count(*) FROM core.reading WHERE next_attempt_at <= now() AND read_at IS NULL"
        )
        assert b.execute(waiting).fetchone() != (0,)
        assert a.execute(waiting).fetchone() == (0,)
        # What is decided, shown and read meanwhile goes with them as well.
        decide = (
            "SELECT ops.decide_contradiction('hung', id, 'mended', 'kim') FROM ops.contradiction"
        )
        b.execute(f"{decide} WHERE collection_id = impl.named_collection('hung')")
        b.execute(f"SELECT ops.set_media(min(id), '[]') {of_hung}")
        b.execute("UPDATE core.caption SET text = 'another'")
        fetch(main, moves.drop_moved(collection="hung", shard="a"))
        want = told(b, "hung")
        moved(trio, "hung", "b", "a")
        assert told(a, "hung") == want
        a.execute("SELECT ops.add_product('pump-hung', collection => 'hung')")
        a.execute(f"SELECT ops.register_specimen(min(id), 'pump-hung') {of_hung}")
        with pytest.raises(BadRequest, match=r"core\.specimen \(1\)"):
            moved(trio, "hung", "a", "b")


def test_two_parts_become_one(trio: Trio, main: Conn) -> None:
    make(trio, "joined", ["a", "b"], n=24)
    part = {"collection": "joined", "shard": "a"}
    with trio.on("a") as a, trio.on("b") as b:
        for conn in (a, b):
            hang(conn, "joined")
        last = "SELECT max(id) FROM core.item WHERE collection_id = impl.named_collection('joined')"
        ((of_a,), (of_b,)) = (conn.execute(last).fetchone() or () for conn in (a, b))
        for conn, link in ((a, (of_a, of_b)), (b, (of_b, of_a))):  # each cites one on the other
            conn.execute("INSERT INTO core.citation VALUES (%s, %s, 1, '제2조')", link)
        before = answer(main, "joined")
        want = told(a, "joined") | told(b, "joined")
        names = "SELECT count(*) FROM core.collection WHERE name LIKE 'move-%'"
        for given_up in (True, False):
            fetch(main, moves.start_move(**part, targets=["b"]))
            fetch(main, moves.copy_part(**part, after=0))
            assert (answer(main, "joined"), total(main, "joined")) == (before, 24)
            with b.transaction(force_rollback=True):  # it is cited by the copy
                b.execute("DELETE FROM core.item WHERE id = %s", (of_b,))
            fetch(main, moves.close_part(**part))
            fetch(main, moves.copy_part(**part, after=0, strict=True))
            if given_up:
                fetch(main, moves.cancel_move(**part))
                assert told(b, "joined").items() <= want.items()
                assert b.execute(names).fetchone() == (0,)
        with main.transaction(
            force_rollback=True
        ):  # as if the coordinator died in the middle of it
            fetch(main, moves.switch_part(**part))
        with pytest.raises(psycopg.Error, match="has slots") as caught:
            answer(main, "joined")
        assert caught.value.sqlstate == "SG005"
        with pytest.raises(BadRequest, match="can be given up"):
            fetch(main, moves.cancel_move(**part))
        move(main, "joined", "a", ["b"])
        assert (answer(main, "joined"), total(main, "joined")) == (before, 24)
        assert told(b, "joined") == want
        assert b.execute(names).fetchone() == (0,)
        assert fetch(main, moves.drop_moved(**part))[0].n < 24
        assert troubles(main) == []
        write(main, "joined", range(30), "oil")
        assert total(main, "joined") == 30
        with pytest.raises(BadRequest, match="has a part of collection joined already"):
            move(main, "joined", "b", ["b"])


def test_a_move_that_is_given_up_leaves_nothing(trio: Trio, main: Conn) -> None:
    make(trio, "back", ["a", "b"], n=20)
    part = {"collection": "back", "shard": "a"}
    fetch(main, moves.start_move(**part, targets=["c"]))
    fetch(main, moves.copy_part(**part, after=0))
    for refused in (
        "SELECT ops.alter_collection('back', k1 => 1)",
        "SELECT ops.start_generation('text', 'dummy', 'dummy@other', 32)",
        "SELECT ops.delete_collection('back')",
    ):
        with pytest.raises(psycopg.Error, match="is being moved from a"):
            main.execute(refused)
    with pytest.raises(BadRequest, match="is being moved from a to c"):
        move(main, "back", "a", ["b"])
    with pytest.raises(BadRequest, match="another session is moving"):
        moved(trio, "back", "a", "c")
    fetch(main, moves.close_part(**part))
    fetch(main, moves.copy_part(**part, after=0, strict=True))
    with main.transaction(force_rollback=True):  # as if the coordinator died in the middle of it
        fetch(main, moves.switch_part(**part))
    assert total(main, "back") == 20
    ids = "SELECT count(*) FROM impl.shard_items(ARRAY(SELECT i.id FROM impl.shard_listed("
    ids += "impl.named_collection('back'), NULL, 0, NULL, 100) AS i))"
    assert main.execute(ids).fetchone() == (20,)
    with pytest.raises(psycopg.Error, match="is just being moved"):
        write(main, "back", range(20), "oil")
    fetch(main, moves.cancel_move(**part))
    write(main, "back", range(20), "oil")
    assert total(main, "back") == 20
    with trio.on("c") as target:
        row = target.execute("SELECT count(*) FROM core.collection WHERE name = 'back'").fetchone()
        assert row == (0,)
    assert fetch(main, moves.shard_moves()) == []


def test_a_shard_killed_while_a_part_moves(
    trio: Trio, main: Conn, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(trio, "shot", ["a", "b"], n=20)
    before = answer(main, "shot")
    # The source while it is copied, the target when it is to be opened.
    for victim, at in ((trio.one, moves.copy_part), (trio.other, moves.end_move)):
        name = at.name

        def shoot(conn: Conn, query: Any, victim: Any = victim, name: str = name) -> Any:
            if name in str(query.statement):
                victim.kill()
            return fetch(conn, query)

        monkeypatch.setattr(moving, "fetch", shoot)
        with pytest.raises(ShardUnavailable):
            moved(trio, "shot", "a", "c")
        monkeypatch.undo()
        with pytest.raises(psycopg.Error, match="does not answer"):
            answer(main, "shot")
        assert any("does not answer" in told for told in troubles(main))
        victim.start()
        (told,) = troubles(main)
        assert "seogo shard move shot a c" in told
        assert ("--cancel" in told) == (victim is trio.one)
        assert answer(main, "shot") == before
    moved(trio, "shot", "a", "c")
    assert (answer(main, "shot"), total(main, "shot")) == (before, 20)
    write(main, "shot", range(30))
    assert total(main, "shot") == 30


def test_a_shard_killed_while_it_searches(trio: Trio, main: Conn) -> None:
    make(trio, "asked", ["a", "b"], n=30)
    before = answer(main, "asked")
    with trio.on("a") as holder, held(holder, "LOCK TABLE core.document"):
        caught = in_thread(lambda: answer(main, "asked"))
        waits(holder, "core.document")
        trio.one.kill()
    with pytest.raises(psycopg.Error, match="shard a does not answer"):
        caught()
    assert main.execute("SELECT search.unreachable('asked')").fetchone() == (["a"],)
    with main.transaction():
        main.execute("SET LOCAL seogo.without = 'a'")
        assert 0 < total(main, "asked") < 30
    trio.one.start()
    assert (answer(main, "asked"), total(main, "asked")) == (before, 30)


def test_a_shard_killed_while_it_writes(trio: Trio, main: Conn) -> None:
    make(trio, "written", ["a", "b"], n=30)
    with trio.on("a") as holder, held(holder, "LOCK TABLE core.batch"):
        caught = in_thread(lambda: write(main, "written", range(20, 50), "oil"))
        waits(holder, "core.batch")
        trio.one.kill()
    with pytest.raises(psycopg.Error, match="shard a does not answer"):
        caught()
    trio.one.start()
    assert total(main, "written") == 30  # nothing, on the other one neither
    write(main, "written", range(20, 50), "oil")
    assert total(main, "written") == 50


THERE = "SELECT FROM search.items WHERE collection = %s AND external_id LIKE %s"
COMMITS = """CREATE FUNCTION public.wait() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN NULL; END';
CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON core.item DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION public.wait()"""


def test_a_shard_killed_between_the_commits_of_a_write(trio: Trio, main: Conn) -> None:
    make(trio, "halved", ["a", "b"], n=30)
    with trio.on("a") as holder:
        holder.execute(COMMITS)
        with held(holder, "SELECT pg_advisory_xact_lock(7)"):
            caught = in_thread(lambda: write(main, "halved", range(20, 50)))
            waits(holder, "advisory")
            with trio.on("b") as other:
                wait_until(lambda: other.execute(THERE, ("halved", "P4_")).rowcount)
            trio.one.kill()
    with pytest.raises(psycopg.Error, match="shard a does not answer") as told:
        caught()
    assert "Write the same once more" in (told.value.diag.message_hint or "")
    trio.one.start()
    with trio.on("a") as conn:
        conn.execute("DROP TRIGGER wait ON core.item; DROP FUNCTION public.wait")
    assert 30 < total(main, "halved") < 50
    for _ in range(2):
        write(main, "halved", range(20, 50))
        assert total(main, "halved") == 50


def test_two_coordinators_answer_alike_or_refuse(trio: Trio, main: Conn) -> None:
    make(trio, "both", ["a", "b"], n=20)
    trio.enroll("two", "abc")
    with trio.on("two") as other:
        other.execute(MAKE, ("both", ["a", "b"]))
        assert answer(other, "both") == answer(main, "both") != []
        write(other, "both", range(15, 25))
        assert total(main, "both") == total(other, "both") == 25
        moved(trio, "both", "a", "c")
        for use in (answer, total, lambda conn, name: write(conn, name, range(40))):
            with pytest.raises(psycopg.Error, match="has moved") as caught:
                use(other, "both")
            assert caught.value.sqlstate == "SG005"
        assert total(main, "both") == 25
        (told,) = troubles(other)
        assert "seogo shard move both a c" in told
        move(other, "both", "a", ["c"])
        assert answer(other, "both") == answer(main, "both")
        write(other, "both", range(30))
        assert total(main, "both") == total(other, "both") == 30
        assert troubles(other) == troubles(main) == []


SWITCH = "SELECT ops.switch_generation('text', now(), '{\"passed\": true}')"


def test_a_shard_killed_while_generations_switch(trio: Trio, main: Conn) -> None:
    make(trio, "again", ["a", "b"], n=20)
    before = answer(main, "again")
    main.execute("SELECT ops.start_generation('text', 'dummy', 'dummy@other', 32)")
    building = fetch(main, generations.of_space(space="text"))[0]
    assert enqueue_away(main, building.space_id, silent) > 0
    with pytest.raises(NoWorkerThere, match=r"where no worker is: \d+ items on a, \d+ items on b"):
        await_encoded(main, building, silent)
    encode(trio, "abc")
    assert await_encoded(main, building, silent) == 0
    with trio.on("b") as holder, held(holder, "LOCK TABLE ops.generation_change"):
        caught = in_thread(lambda: main.execute(SWITCH))
        waits(holder, "ops.generation_change")
        trio.other.kill()
    with pytest.raises(psycopg.Error, match="does not answer"):
        caught()
    trio.other.start()
    assert (answer(main, "again"), troubles(main)) == (before, [])
    with trio.on("a") as conn:  # as if it had committed before the other one died
        conn.execute(SWITCH)
    assert answer(main, "again") == before
    assert "generation 2 is live there, 1 here" in troubles(main)[0]
    main.execute(SWITCH)
    assert (len(answer(main, "again")), troubles(main)) == (len(before), [])
    main.execute("SELECT ops.rollback_generation('text')")
    assert (answer(main, "again"), troubles(main)) == (before, [])


ROUNDS = """SELECT (i.metadata ->> 'n')::int / 8, count(*)
FROM impl.items_of(impl.named_collection(%s)) AS i GROUP BY 1 ORDER BY 1"""


def test_one_backup_of_all_and_none_without_a_shard(trio: Trio, tmp_path: Path) -> None:
    trio.enroll("three", "db")
    make(trio, "kept", ["d"], n=20, by="three")
    make(trio, "beside", ["d", "b"], n=8, by="three")
    store, url = FolderStore(tmp_path), trio.url("three")
    with trio.on("d") as holder, held(holder, "LOCK TABLE ops.outbox"):
        caught = in_thread(lambda: create(url, store))
        waits(holder, "ops.outbox")
        trio.one.kill()
    with pytest.raises((BackupError, SeogoDbError)):
        caught()
    with pytest.raises(BackupError, match="shard d does not answer"):
        create(url, store)
    assert store.sizes() == {}
    trio.one.start()
    with trio.on("three") as conn:
        before = answer(conn, "kept")
        with rounds_written(trio, "three", "beside") as acknowledged:
            wait_until(lambda: len(acknowledged) > 1)
            earlier = len(acknowledged)
            manifest = create(url, store)
        write(conn, "kept", range(30))
        assert [(one.shard, one.point is None) for one in manifest.shards] == [
            ("d", False),
            ("b", False),
        ]
        assert manifest.format == 2
        elsewhere = {"d": trio.url("c")}  # as if its server were lost
        latest = chosen(store, "latest")
        with pytest.raises(BackupError, match="the server of shard d does not answer"):
            restoring.restore(url, store, latest, shard_urls={"d": f"{trio.url('d')}-gone"})
        restored = restoring.restore(url, store, latest, shard_urls=elsewhere)
        with connect.open_connection(restored.url, autocommit=True) as again:
            assert (answer(again, "kept"), total(again, "kept")) == (before, 20)
            # Each round of a writer is on both shards or on none, and what was done before is there.
            found = again.execute(ROUNDS, ("beside",)).fetchall()
            assert [row[1] for row in found] == [8] * len(found)
            assert set(acknowledged[:earlier]) <= {row[0] for row in found} <= set(acknowledged)
            assert len(conn.execute(ROUNDS, ("beside",)).fetchall()) == len(acknowledged)
            write(again, "kept", range(25))
            assert total(again, "kept") == 25
        assert total(conn, "kept") == 30
    (tmp_path / f"{manifest.name}.d.dump").write_bytes(b"")
    with pytest.raises(BackupError, match="0 bytes of shard d instead of"):
        chosen(store, "latest")
