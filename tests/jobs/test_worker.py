"""Workers: killed, cut off, given poison, woken; in the end every item has the vectors of its text."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psycopg
import pytest
from pgvector.psycopg import register_vector
from psycopg.types.json import Jsonb

from db.calls.query import fetch
from db.operations import workers
from db.spaces import embedding, generations
from encoders import registry
from encoders.pictures.decoding import PictureInvalid
from encoders.text.dummy import DummyEncoder
from flows import encoding
from jobs import content, embed
from jobs.stages.settings import WorkerSettings
from jobs.stages.worker import Worker
from tests.jobs.support import DUMMY, Faulty, pipeline_settings, wait_until, work_once, working
from tests.sql.helpers import column, make_collection, put, queued

if TYPE_CHECKING:
    from collections.abc import Iterator

    from db.spaces.rows import Space
    from tests.jobs.support import Conn

# Fewer where time is short: SEOGO_TEST_ITEMS.
ITEMS = int(os.environ.get("SEOGO_TEST_ITEMS", "5000"))
WORKERS = 4
WRITERS = 2


@pytest.fixture
def space(db: Conn, dummy_space: int) -> Space:
    """Make the live space `text`, fed by the title of the collection `parts`."""
    make_collection(db, vector_sources={"text": {"item": ["title"]}})
    return fetch(db, embedding.live_spaces())[0]


def titles(n: int) -> dict[str, dict[str, str]]:
    return {f"P{at:03d}": {"title": f"text number {at}"} for at in range(n)}


@pytest.fixture
def two_spaces(db: Conn, space: Space) -> None:
    """Make the collection feed a second space as well."""
    sources = Jsonb({name: {"item": ["title"]} for name in ("text", "titles")})
    db.execute("UPDATE core.collection SET vector_sources = %s", (sources,))
    embed.ensure_spaces(db, DUMMY)


def assert_every_item_has_its_vector(db: Conn) -> None:
    """One vector per item and space, of the text it has now, and nothing else."""
    assert column(db, "SELECT count(*) FROM search.stale") == [0]
    rows = db.execute(
        "SELECT i.fields ->> 'title', array_agg(e.vec) FROM core.item AS i CROSS JOIN ops.space AS s"
        " LEFT JOIN core.embedding AS e ON e.item_id = i.id AND e.space_id = s.id"
        " GROUP BY i.id, s.id"
    ).fetchall()
    assert [text for text, vecs in rows if len(vecs) != 1 or vecs[0] is None] == []
    assert column(db, "SELECT count(*) FROM core.embedding") == [len(rows)]
    expected = DummyEncoder(registry.spec("dummy")).encode_passages([text for text, _ in rows])
    stored = np.array([vecs[0].to_numpy() for _, vecs in rows], dtype=np.float32)
    np.testing.assert_allclose(stored, expected, atol=1e-3)


class Crowd:
    """Worker processes that can be killed and replaced."""

    def __init__(self, url: str) -> None:
        script = Path(__file__).with_name("crowd.py")
        self._process = subprocess.Popen(
            [sys.executable, script, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        self.pids = [self.grown() for _ in range(WORKERS)]

    def grown(self) -> int:
        """Start a worker; its pid."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("one more\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def kill_one(self, which: int) -> None:
        """Kill a worker at whatever it is, and start another."""
        os.kill(self.pids[which], signal.SIGKILL)
        self.pids[which] = self.grown()

    def end(self) -> None:
        """Ask all to stop."""
        for pid in self.pids:
            os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in self.pids))
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


@pytest.fixture
def crowd(db_url: str, space: Space) -> Iterator[Crowd]:
    found = Crowd(db_url)
    yield found
    found.end()


def write(url: str, seed: int, n: int, errors: list[Exception]) -> None:
    """Insert items, change and delete some, as a stream of writers would."""
    rng = random.Random(seed)
    with psycopg.connect(url, autocommit=True) as conn:
        for batch in range(n // 20):
            rows = [
                {"external_id": f"W{seed}-{batch}-{i}", "fields": {"title": f"text {rng.random()}"}}
                for i in range(20)
            ]
            changed = "jsonb_build_object('title', 'changed ' || id || ' ' || random())"
            some = "SELECT id FROM core.item ORDER BY random() LIMIT %s"
            try:
                conn.execute("SELECT count(*) FROM ops.upsert_items('parts', %s)", (Jsonb(rows),))
                update = f"UPDATE core.item SET fields = {changed} WHERE id = ANY (ARRAY({some}))"
                conn.execute(update.encode(), (8,))
                conn.execute(f"DELETE FROM core.item WHERE id = ANY (ARRAY({some}))".encode(), (3,))
            except psycopg.errors.DeadlockDetected:
                pass  # the writers among themselves: they lock items in no order
            except psycopg.Error as exc:
                errors.append(exc)


@pytest.mark.usefixtures("two_spaces")
def test_workers_killed_at_random_leave_every_item_fresh(
    db: Conn, db_url: str, crowd: Crowd
) -> None:
    errors: list[Exception] = []
    args = [(db_url, seed, ITEMS // WRITERS, errors) for seed in range(WRITERS)]
    threads = [threading.Thread(target=write, args=arguments) for arguments in args]
    for thread in threads:
        thread.start()
    rng = random.Random(7)
    killed = 0
    while any(thread.is_alive() for thread in threads) or (killed < 8 and queued(db)):
        crowd.kill_one(rng.randrange(WORKERS))
        killed += 1
        threading.Event().wait(rng.uniform(0.05, 0.4))
    for thread in threads:
        thread.join()
    assert errors == []
    assert killed >= 4
    wait_until(lambda: not queued(db))
    assert column(db, "SELECT count(*) FROM core.item")[0] > ITEMS / 2
    assert_every_item_has_its_vector(db)


def test_a_worker_told_to_stop_leaves_no_lease(db: Conn, space: Space, crowd: Crowd) -> None:
    put(db, titles(600))
    wait_until(lambda: len(queued(db)) < 590)
    for pid in crowd.pids:
        os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in crowd.pids))
    leased = "SELECT count(*) FROM ops.outbox WHERE lease_until IS NOT NULL OR attempts > 0"
    assert column(db, leased) == [0]
    crowd.pids = []


def test_a_waiting_worker_is_woken_by_writers_of_any_kind(
    db: Conn, db_url: str, space: Space
) -> None:
    fed = {"text": {"item": ["title"]}}
    with working(db_url):
        put(db, {"P1": {"title": "one"}})
        wait_until(lambda: not queued(db))
        db.execute('UPDATE core.item SET fields = \'{"title": "two"}\'')
        wait_until(lambda: not queued(db))
        state = "SELECT search.request_vector('a query')"
        assert column(db, state) == ["queued"]
        wait_until(lambda: column(db, state) == ["ready"])
        make_collection(db, "more", vector_sources=fed)
        put(db, {"M1": {"title": "three"}}, "more")
        wait_until(lambda: not queued(db))
    assert_every_item_has_its_vector(db)


def test_a_space_that_a_new_collection_asks_for_is_made_and_filled(
    db: Conn, db_url: str, space: Space
) -> None:
    with working(db_url, worker_poll_s=0.2):
        make_collection(db, "notes", vector_sources={"titles": {"item": ["title"]}})
        put(db, {"N1": {"title": "one"}}, "notes")
        covered = "SELECT fresh FROM search.coverage WHERE space = 'titles'"
        wait_until(lambda: column(db, covered) == [1])


def test_a_worker_outlives_its_connections(
    db: Conn, db_url: str, space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.stages.worker.FIRST_PAUSE_S", 0.05)
    ours = "application_name = 'seogo' AND datname = current_database()"
    cut = f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {ours}".encode()
    with working(db_url) as worker:
        put(db, titles(10))
        wait_until(lambda: not queued(db))
        for _ in range(2):
            assert column(db, cut)[0] > 0
            put(db, {"P000": {"title": f"changed {random.random()}"}})
            wait_until(lambda: not queued(db))
    assert worker.meters["text@1"].read().failed == 0
    assert_every_item_has_its_vector(db)


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> Faulty:
    """The encoder of every space, with faults to be set by the test."""
    found = Faulty()
    monkeypatch.setattr(encoding, "encoder_of", lambda *_args: found)
    return found


def failures(db: Conn) -> dict[str, str]:
    rows = fetch(db, workers.failed(limit=1000))
    return {str(row.external_id or row.query): row.error for row in rows}


def test_what_cannot_be_encoded_stands_alone(
    db: Conn, db_url: str, space: Space, encoder: Faulty
) -> None:
    encoder.faults = {
        "poison": ValueError("cannot read it"),
        "endless": TimeoutError("429 Too Many Requests"),
        "number": float("nan"),
        "nothing": 0.0,
        "broken": PictureInvalid("truncated", "half of it"),
    }
    bad = {f"bad-{word}": {"title": word} for word in encoder.faults}
    good = {f"P{at:03d}": {"title": f"text {at}"} for at in range(100)}
    put(db, good | bad)
    db.execute(
        "SELECT search.request_vector(q) FROM unnest('{good query,a poison query}'::text[]) AS q"
    )
    work_once(db_url)
    assert failures(db) == {
        "bad-poison": "ValueError: cannot read it",
        "bad-endless": "TimeoutError: 429 Too Many Requests",
        "bad-number": "VectorInvalid: the encoder gave a vector of length nan",
        "bad-nothing": "VectorInvalid: the encoder gave a vector of length 0",
        "bad-broken": "PictureInvalid: The picture cannot be used. truncated: half of it",
        "a poison query": "ValueError: cannot read it",
    }
    assert column(db, "SELECT search.request_vector('good query')") == ["ready"]
    assert column(db, "SELECT fresh FROM search.coverage") == [len(good)]
    encoder.faults = {}
    assert fetch(db, workers.retry_failed())[0].n == 6
    work_once(db_url)
    assert failures(db) == {}
    assert column(db, "SELECT fresh FROM search.coverage") == [len(good) + len(bad)]


def test_an_encoder_that_fails_on_everything_is_left_alone_for_a_while(
    db: Conn, db_url: str, space: Space, encoder: Faulty
) -> None:
    encoder.faults = {"text": ConnectionError("refused")}
    put(db, titles(200))
    with pytest.raises(embed.EncoderFailing, match="fails on everything: ConnectionError"):
        work_once(db_url)
    assert encoder.calls < 40  # not once per item
    assert len(failures(db)) <= 2 * embed.LONE_FAILURES  # two lanes
    untouched = "SELECT count(*) FROM ops.outbox WHERE attempts = 0 AND lease_until IS NULL"
    assert column(db, untouched)[0] >= 200 - 2 * embed.LONE_FAILURES
    encoder.faults = {}
    fetch(db, workers.retry_failed())
    work_once(db_url)
    assert_every_item_has_its_vector(db)


def test_a_space_in_trouble_does_not_hold_up_the_others(
    db: Conn, db_url: str, space: Space, encoder: Faulty
) -> None:
    encoder.faults = {"text": RuntimeError("out of memory")}
    make_collection(db, "notes", vector_sources={"titles": {"item": ["title"]}})
    embed.ensure_spaces(db, pipeline_settings(db_url).encoders)
    put(db, titles(100))
    put(db, {f"N{at}": {"title": f"note {at}"} for at in range(100)}, "notes")
    covered = "SELECT fresh FROM search.coverage WHERE space = 'titles'"
    with working(db_url):
        wait_until(lambda: column(db, covered) == [100])
    assert column(db, "SELECT fresh FROM search.coverage WHERE space = 'text'") == [0]
    tried = "SELECT count(*) FROM ops.outbox WHERE attempts > 0 AND space_id = %s"
    assert 0 < column(db, tried, (space.space_id,))[0] < 100  # then it was left alone


def test_what_failed_often_enough_is_parked_until_it_changes(
    db: Conn, db_url: str, space: Space, encoder: Faulty
) -> None:
    encoder.faults = {"poison": ValueError("no")}
    put(db, {"P1": {"title": "poison"}})
    for _ in range(3):
        db.execute(
            "UPDATE ops.outbox SET next_attempt_at = now() WHERE next_attempt_at <> 'infinity'"
        )
        work_once(db_url, max_attempts=3)
    (row,) = fetch(db, workers.failed(collection="parts", limit=5))
    assert (row.external_id, row.attempts, row.parked, row.next_attempt_at) == ("P1", 3, True, None)
    put(db, {"P1": {"title": "wholesome"}})
    work_once(db_url)
    assert_every_item_has_its_vector(db)


def claimed_by_one_who_dies(url: str, space: Space) -> list[int]:
    with psycopg.connect(url, autocommit=True) as conn:
        register_vector(conn)
        found = fetch(conn, embedding.claim_batch(space_id=space.space_id, batch_n=100))
        return [row.item_id for row in found]


def test_an_item_that_kills_its_workers_is_found_and_parked(
    db: Conn, db_url: str, space: Space
) -> None:
    ids = put(db, titles(5))
    killer = ids["P003"]
    db.execute("SET seogo.max_attempts = '4'")
    batches = []
    while batch := claimed_by_one_who_dies(db_url, space):
        if killer not in batch:  # the others it could have been are encoded alone
            db.execute("DELETE FROM ops.outbox WHERE item_id = ANY (%s)", (batch,))
        batches.append(batch)
        assert len(batches) < 30
    assert [len(batch) for batch in batches[:2]] == [5, 5]
    assert {len(batch) for batch in batches[2:]} == {1}
    (row,) = fetch(db, workers.failed(limit=5))
    assert (row.item_id, row.parked, row.error) == (killer, True, "its workers died over it")


def test_an_item_that_failed_before_it_kills_is_parked_as_well(
    db: Conn, db_url: str, space: Space
) -> None:
    killer = put(db, titles(5))["P003"]
    rows = fetch(db, embedding.claim_batch(space_id=space.space_id, batch_n=100))
    claims = {row.item_id: row.enqueued_at for row in rows if row.item_id == killer}
    embedding.fail(db, space_id=space.space_id, claims=claims, error="429 Too Many Requests")
    embedding.release(db, space_id=space.space_id, item_ids=[row.item_id for row in rows])
    db.execute("UPDATE ops.outbox SET next_attempt_at = now()")
    batches = []
    while killer in (batch := claimed_by_one_who_dies(db_url, space)):
        batches.append(len(batch))
        assert len(batches) < 10
    assert batches == [5] + [1] * 6  # eight attempts, with the one that failed
    (row,) = fetch(db, workers.failed(limit=5))
    assert (row.item_id, row.parked, row.error) == (killer, True, "its workers died over it")


def test_storing_waits_for_no_writer(db: Conn, db_url: str, space: Space) -> None:
    put(db, titles(3))
    rows = fetch(db, embedding.claim_batch(space_id=space.space_id, batch_n=3))
    claims = {row.item_id: row.enqueued_at for row in rows}
    vectors = content.encode(db, DummyEncoder(registry.spec("dummy")), rows)
    with psycopg.connect(db_url) as writer:
        writer.execute(
            "UPDATE core.item SET fields = '{\"title\": \"other\"}' WHERE external_id = 'P001'"
        )
        db.execute("SET lock_timeout = '5s'")
        assert embedding.store(db, space_id=space.space_id, claims=claims, vectors=vectors) == 2
        writer.commit()
    assert queued(db) == ["P001"]
    work_once(db_url)
    assert_every_item_has_its_vector(db)


def test_what_a_writer_takes_back_is_free_again(db: Conn, db_url: str, space: Space) -> None:
    put(db, titles(3))
    rows = fetch(db, embedding.claim_batch(space_id=space.space_id, batch_n=3))
    with psycopg.connect(db_url) as writer:
        writer.execute("UPDATE core.item SET fields = '{}' WHERE external_id = 'P001'")
        ids = [row.item_id for row in rows]
        giving = threading.Thread(
            target=embedding.release,
            args=(db,),
            kwargs={"space_id": space.space_id, "item_ids": ids},
        )
        giving.start()
        leased = "SELECT count(*) FROM ops.outbox WHERE lease_until IS NOT NULL"
        wait_until(lambda: column(writer, leased) == [0])  # of those it can see: its own is free
        writer.rollback()
        giving.join()
    assert column(db, leased) == [0]


def test_an_item_that_changed_meanwhile_does_not_inherit_the_failure(
    db: Conn, space: Space
) -> None:
    put(db, {"P1": {"title": "poison"}})
    rows = fetch(db, embedding.claim_batch(space_id=space.space_id, batch_n=1))
    put(db, {"P1": {"title": "wholesome"}})
    claims = {row.item_id: row.enqueued_at for row in rows}
    embedding.fail(db, space_id=space.space_id, claims=claims, error="late")
    assert failures(db) == {}
    assert fetch(db, workers.anything_due(space_id=space.space_id))[0].done


def test_a_lease_that_somebody_else_has_by_now_is_not_released(
    db: Conn, db_url: str, space: Space
) -> None:
    (item_id,) = put(db, titles(1)).values()
    fetch(db, embedding.claim_batch(space_id=space.space_id, batch_n=1))
    with psycopg.connect(db_url, autocommit=True) as other:
        embedding.release(other, space_id=space.space_id, item_ids=[item_id])
    assert column(db, "SELECT lease_until IS NOT NULL FROM ops.outbox") == [True]


def test_words_asked_of_a_space_of_pictures_are_never_due(db: Conn) -> None:
    create = embedding.create_space(
        name="image", encoder="lite0", identity="lite0@1", dim=4, modality="image"
    )
    space_id = fetch(db, create)[0].n
    assert column(db, "SELECT search.request_vector('a pump', 'image')") == ["queued"]
    assert not fetch(db, workers.anything_due(space_id=space_id))[0].done


class TestThrottle:
    @pytest.fixture
    def building(self, db: Conn, space: Space) -> int:
        put(db, titles(300))
        start = generations.start(space="text", encoder="x", identity="x@1", dim=32)
        space_id = fetch(db, start)[0].id
        fetch(db, workers.enqueue_stale(space_id=space_id))
        return space_id

    def claimed(self, db: Conn, space_id: int, n: int = 1000) -> int:
        return len(fetch(db, embedding.claim_batch(space_id=space_id, batch_n=n)))

    def throttled(self, db: Conn, space_id: int, **limits: Any) -> None:
        throttle = generations.Throttle(**limits)
        fetch(db, generations.set_throttle(space_id=space_id, throttle=throttle))

    def later(self, db: Conn, seconds: float) -> None:
        db.execute(
            "UPDATE ops.throttle SET counted_at = clock_timestamp() - %s * interval '1 s'",
            (seconds,),
        )

    def test_claims_follow_the_rate(self, db: Conn, building: int) -> None:
        # One in five seconds: what passes while the test runs adds none, on a busy machine either.
        self.throttled(db, building, max_rate=0.2)
        assert self.claimed(db, building) == 0
        self.later(db, 10.01)
        assert self.claimed(db, building, 1) == 1
        assert self.claimed(db, building) == 1  # what was left of ten seconds
        assert self.claimed(db, building) == 0
        self.later(db, 1_000_000)
        assert self.claimed(db, building) == 2  # saved for ten seconds at most
        self.throttled(db, building)
        assert self.claimed(db, building) == 296

    def test_a_slow_rate_still_gets_on(self, db: Conn, building: int) -> None:
        self.throttled(db, building, max_rate=0.01)
        self.later(db, 101)
        assert self.claimed(db, building) == 1

    @pytest.mark.parametrize(
        ("begin", "end", "open_now"),
        [(-1, 1, True), (1, 2, False), (1, -1, False), (-2, -1, False)],
    )
    def test_nothing_is_claimed_outside_the_window(
        self, db: Conn, building: int, begin: int, end: int, open_now: bool
    ) -> None:
        times = (
            "SELECT (clock_timestamp() AT TIME ZONE 'Asia/Seoul' + %s * interval '1 hour')::time"
        )
        work_from, work_until = (column(db, times, (hours,))[0] for hours in (begin, end))
        limits = {"work_from": work_from, "work_until": work_until, "work_zone": "Asia/Seoul"}
        self.throttled(db, building, **limits)
        assert bool(self.claimed(db, building)) is open_now
        due = fetch(db, workers.anything_due(space_id=building))[0].done
        assert due is False or open_now

    def test_the_live_generation_is_not_throttled(
        self, db: Conn, building: int, space: Space
    ) -> None:
        self.throttled(db, building, max_rate=1)
        assert self.claimed(db, space.space_id) == 300


def test_the_queue_is_claimed_by_its_index_without_sorting(db: Conn, space: Space) -> None:
    put(db, titles(2000))
    db.execute("ANALYZE ops.outbox")
    db.execute("SET enable_seqscan = off")
    plan = "\n".join(
        column(
            db,
            "EXPLAIN SELECT item_id FROM ops.outbox WHERE space_id = 1 AND next_attempt_at <= now()"
            " ORDER BY next_attempt_at, item_id LIMIT 64 FOR UPDATE SKIP LOCKED",
        )
    )
    assert "outbox_due_idx" in plan
    assert "Sort" not in plan


def test_an_index_is_built_once_it_is_worth_it(db: Conn, db_url: str, space: Space) -> None:
    put(db, titles(60))
    with working(db_url, stages=["vectors", "index"], index_min_vectors=100, worker_poll_s=0.2):
        wait_until(lambda: not queued(db))
        assert not fetch(db, embedding.live_spaces())[0].indexed
    put(db, titles(120))
    worker = Worker(
        pipeline_settings(db_url),
        WorkerSettings(index_min_vectors=100),
        stages=["vectors", "index"],
        once=True,
    )
    worker.run()
    assert fetch(db, embedding.live_spaces())[0].indexed
