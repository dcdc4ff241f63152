"""The queue of pictures to be read, and what several sessions at once do to one item."""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from pgvector.psycopg import register_vector
from psycopg.errors import DeadlockDetected

from db.calls.query import fetch
from db.calls.retries import retry_on_conflict
from db.operations import readings
from db.spaces import embedding
from tests.sql.helpers import (
    claim,
    column,
    found,
    keep,
    make_collection,
    put,
    put_picture,
    show,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.sql.helpers import Conn


@pytest.fixture
def parts(db: Conn) -> Conn:
    """The collection `parts`, whose pictures are read, with items P1 and P2 (ids 1 and 2)."""
    make_collection(
        db, picture_readers={"ocr": "auto"}, vector_sources={"image": {"p": ["@photo"]}}
    )
    put(db, {"P1": {"title": "pump"}, "P2": {"title": "valve"}})
    return db


@pytest.fixture
def connect(db_url: str) -> Iterator[Callable[[], Conn]]:
    """Open other sessions."""
    with ExitStack() as stack:

        def opened() -> Conn:
            conn = stack.enter_context(psycopg.connect(db_url, autocommit=True))
            register_vector(conn)
            return conn

        yield opened


class Beside(threading.Thread):
    """Something done in another session, beside the test; `result` waits for it."""

    def __init__(self, conn: Conn, work: Callable[[Conn], Any]) -> None:
        super().__init__(daemon=True)
        self.conn, self.work = conn, work
        self.outcome: Any = None
        self.start()

    def run(self) -> None:
        try:
            self.outcome = self.work(self.conn)
        except Exception as exc:  # told to whoever asks for the result
            self.outcome = exc

    def result(self) -> Any:
        self.join()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def until_blocked(self, db: Conn) -> None:
        """Wait until it waits for a lock (or is done, which the test then sees)."""
        asked = "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s"
        while self.is_alive() and column(db, asked, (self.conn.info.backend_pid,)) != [True]:
            self.join(0.01)


def test_two_readers_never_get_the_same_picture(parts: Conn, connect: Callable[[], Conn]) -> None:
    ids = [put_picture(parts, bytes([at])) for at in range(1, 7)]
    show(parts, 1, *ids)
    other = connect()
    with parts.transaction():
        first, second = set(claim(parts, n=2)), set(claim(other, n=2))
    rest = set(claim(other))
    assert (len(first), len(second), len(rest)) == (2, 2, 2)
    assert first | second | rest == set(ids)
    assert claim(parts) == {}
    assert fetch(parts, readings.due_readings(kind="ocr"))[0].n == 0


def test_pictures_given_back_are_as_if_never_claimed(parts: Conn) -> None:
    picture = put_picture(parts, b"a")
    show(parts, 1, picture)
    claim(parts)
    assert fetch(parts, readings.release_readings(kind="ocr", picture_ids=[picture]))[0].n == 1
    state = "SELECT attempts, lease_until IS NULL FROM core.reading"
    assert parts.execute(state).fetchall() == [(0, True)]
    assert list(claim(parts)) == [picture]


def test_a_picture_that_cannot_be_read_waits_ever_longer(parts: Conn) -> None:
    picture = put_picture(parts, b"a")
    show(parts, 1, picture)
    wait = (
        "SELECT extract(epoch FROM next_attempt_at) - extract(epoch FROM now()) FROM core.reading"
    )
    for attempts, seconds in [(1, 20), (3, 80), (100_000, float("inf"))]:
        parts.execute("UPDATE core.reading SET attempts = %s", (attempts,))
        fetch(parts, readings.fail_readings(kind="ocr", picture_ids=[picture], error="too dark"))
        assert float(column(parts, wait)[0]) == pytest.approx(seconds, abs=2)
    assert claim(parts) == {}
    (failure,) = fetch(parts, readings.failures(shown=5))
    assert (failure.stage, failure.reason, failure.n, failure.example) == (
        "ocr",
        "too dark",
        1,
        "P1",
    )
    parts.execute("UPDATE core.reading SET next_attempt_at = now()")
    assert keep(parts, claim(parts)[picture], "legible after all")
    assert fetch(parts, readings.failures(shown=5)) == []


def test_the_lease_of_a_reader_ends_with_its_session(
    parts: Conn, connect: Callable[[], Conn]
) -> None:
    """What a killed worker held is claimed by the next one at once, not when its lease runs out."""
    made = "SELECT ops.create_space('image', 'dummy', 'dummy@1', 32, 'image')"
    space_id = column(parts, made)[0]
    picture = put_picture(parts, b"a")
    show(parts, 1, picture)
    batch = embedding.claim_batch(space_id=space_id, batch_n=9)
    worker = connect()
    assert list(claim(worker)) == [picture]
    assert [row.item_id for row in fetch(worker, batch)] == [1]
    assert claim(parts) == {}
    assert fetch(parts, batch) == []
    assert fetch(parts, embedding.due(space_id=space_id))[0].n == 0
    pid = worker.info.backend_pid
    parts.execute("SELECT pg_terminate_backend(%s, 10000)", (pid,))  # returns when it is gone
    assert fetch(parts, embedding.due(space_id=space_id))[0].n == 1
    assert fetch(parts, readings.due_readings(kind="ocr"))[0].n == 1
    assert list(claim(parts)) == [picture]
    assert [row.item_id for row in fetch(parts, batch)] == [1]


def test_a_lease_that_ran_out_is_given_to_the_next_and_the_first_may_still_store(
    parts: Conn, connect: Callable[[], Conn]
) -> None:
    picture = put_picture(parts, b"a")
    show(parts, 1, picture)
    parts.execute("SELECT FROM ops.claim_readings('ocr', 1, interval '-1 second')")
    second = claim(connect())[picture]
    assert keep(parts, second, "text")
    assert keep(parts, second, "text")  # the same claim, late: the same content, no harm
    assert column(parts, "SELECT attempts FROM core.reading") == [2]
    assert column(parts, "SELECT count(*) FROM core.ocr_line") == [1]


def test_who_reads_again_replaces_what_was_known_when_it_is_done(parts: Conn) -> None:
    picture = put_picture(parts, b"a")
    show(parts, 1, picture)
    old = claim(parts)[picture]
    keep(parts, old, "Kitagawa")
    again = "SELECT ops.read_again('parts', 'ocr', %s)"
    assert column(parts, again, ("auto",)) == [0]  # that reader has read it
    assert column(parts, again, ("tesseract",)) == [1]
    assert found(parts, "kitagawa") == ["P1"]
    new = claim(parts)[picture]
    assert new.wanted == "tesseract"
    assert not keep(parts, old, "stale")  # asked for anew since that claim
    assert found(parts, "kitagawa") == ["P1"]
    assert keep(parts, new, "Osaka")
    assert (found(parts, "kitagawa"), found(parts, "osaka")) == ([], ["P1"])
    with pytest.raises(psycopg.Error, match="unknown collection") as caught:
        parts.execute("SELECT ops.read_again('elsewhere', 'ocr', 'auto')")
    assert caught.value.sqlstate == "SG001"


def test_the_same_picture_stored_twice_at_once_is_stored_once(
    parts: Conn, connect: Callable[[], Conn]
) -> None:
    for rolled_back in (False, True):
        content = b"rolled back" if rolled_back else b"committed"
        with parts.transaction(force_rollback=rolled_back):
            first = put_picture(parts, content)
            other = Beside(connect(), partial(put_picture, content=content))
            other.until_blocked(parts)
            assert other.is_alive()
        assert (other.result() == first) != rolled_back
        kept = column(parts, "SELECT id FROM core.picture WHERE bytes = %s", (content,))
        assert kept == [other.result()]


@contextmanager
def waits(db: Conn, other: Conn, work: Callable[[Conn], Any]) -> Iterator[None]:
    """Within the block's transaction, `work` waits in the other session, and is done afterwards."""
    with db.transaction():
        yield
        beside = Beside(other, work)
        beside.until_blocked(db)
        assert beside.is_alive()
    beside.result()


def test_readings_of_two_pictures_of_one_item_both_land(
    parts: Conn, connect: Callable[[], Conn]
) -> None:
    one, two = put_picture(parts, b"a"), put_picture(parts, b"b")
    show(parts, 1, one, two)
    claims = claim(parts)
    with waits(parts, connect(), lambda conn: keep(conn, claims[two], "Seiki")):
        keep(parts, claims[one], "Kitagawa")
    assert column(parts, "SELECT picture_fields ->> 'ocr' FROM core.item WHERE id = 1") == [
        "Kitagawa\nSeiki"
    ]
    assert found(parts, "kitagawa seiki") == ["P1"]


@pytest.mark.parametrize("shown_first", [True, False])
def test_a_picture_read_while_another_item_gets_it_is_searched_for_both(
    parts: Conn, connect: Callable[[], Conn], shown_first: bool
) -> None:
    picture = put_picture(parts, b"a")
    show(parts, 1, picture)
    claimed = claim(parts)[picture]
    steps: list[Callable[[Conn], Any]] = [
        lambda conn: show(conn, 2, picture),
        lambda conn: keep(conn, claimed, "Kitagawa"),
    ]
    first, second = steps if shown_first else steps[::-1]
    with waits(parts, connect(), second):
        first(parts)
    assert sorted(found(parts, "kitagawa")) == ["P1", "P2"]


def _without(work: Callable[[], Any], _conn: Conn) -> Any:
    return work()


def test_a_transaction_that_ends_a_deadlock_is_run_again(
    parts: Conn, connect: Callable[[], Conn]
) -> None:
    """Two sessions take two items in opposite orders; one is rolled back, and both are done."""
    met = threading.Barrier(2)
    runs: list[int] = []

    touch = "UPDATE core.item SET metadata = metadata || jsonb_build_object(%s::text, 1)"

    def both(conn: Conn, first: int, second: int) -> None:
        with conn.transaction():
            runs.append(first)
            conn.execute(touch + " WHERE id = %s", (str(first), first))
            if len(runs) <= 2:
                met.wait()
            conn.execute(touch + " WHERE id = %s", (str(first), second))

    sessions = []
    for first, second in ((1, 2), (2, 1)):
        conn = connect()
        conn.execute("SET deadlock_timeout = '100ms'")
        work = partial(retry_on_conflict, partial(both, conn, first, second))
        sessions.append(Beside(conn, partial(_without, work)))
    for session in sessions:
        session.result()
    assert len(runs) > 2  # on a slow machine they may meet once more
    assert set(runs) == {1, 2}
    assert column(parts, "SELECT metadata FROM core.item ORDER BY id") == [{"1": 1, "2": 1}] * 2


def test_a_transaction_that_never_gets_through_says_so() -> None:
    tried: list[int] = []

    def doomed() -> None:
        tried.append(1)
        raise DeadlockDetected

    with pytest.raises(DeadlockDetected):
        retry_on_conflict(doomed)
    assert len(tried) == 5
