"""Writers, a merge and readers at once; and a server that is killed in the middle of it.

SEOGO_TEST_TRANSACTIONS sets the number of transactions; 10000 is the full run.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from db import migrate
from db.errors import EmbeddedUnavailable
from db.server import embedded
from tests.lexical import support

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.lexical.support import Conn

TRANSACTIONS = int(os.environ.get("SEOGO_TEST_TRANSACTIONS", "500"))
WRITERS = 8
NAMES = [f"e{at:03d}" for at in range(120)]
WORDS = ["pump", "seal", "valve", "gasket", "펌프", "진공", "밸브", "nry1kh000", "ring", "flange"]

# Rows are taken in the order of external_id everywhere, so that the statements of this test, as
# those of any application, cannot lock each other out. What is left is what the triggers do.
LOCKED = (
    "WITH mine AS (SELECT id FROM core.item WHERE collection_id = %(cid)s"
    " AND external_id = ANY (%(names)s) ORDER BY external_id FOR UPDATE)"
)
UPSERT = (
    "INSERT INTO core.item (collection_id, external_id, fields)"
    " SELECT %(cid)s, u.* FROM unnest(%(names)s::text[], %(fields)s::jsonb[]) AS u(name, fields)"
    " ORDER BY u.name ON CONFLICT (collection_id, external_id) DO UPDATE SET fields = excluded.fields"
)
UPDATE = LOCKED + " UPDATE core.item AS i SET fields = %(one)s FROM mine WHERE i.id = mine.id"
TOUCH = LOCKED + " UPDATE core.item AS i SET metadata = %(one)s FROM mine WHERE i.id = mine.id"
DELETE = LOCKED + " DELETE FROM core.item AS i USING mine WHERE i.id = mine.id"
STATEMENTS = [UPSERT, UPSERT, UPSERT, UPDATE, TOUCH, DELETE]


class Load:
    """What the threads share: how many transactions are left, and whether to stop."""

    def __init__(self, url: str, cid: int, transactions: int) -> None:
        self.url, self.cid = url, cid
        self.left = transactions
        self.lock = threading.Lock()
        self.stop = threading.Event()
        self.did: Counter[str] = Counter()

    def take(self) -> bool:
        with self.lock:
            self.left -= 1
            return self.left >= 0

    def count(self, what: str) -> None:
        with self.lock:
            self.did[what] += 1

    def write(self, seed: int) -> None:
        rng = random.Random(seed)
        with psycopg.connect(self.url, autocommit=True) as conn:
            conn.execute("SET deadlock_timeout = '200ms'")
            while not self.stop.is_set() and self.take():
                names = sorted(rng.sample(NAMES, rng.choice([1, 1, 1, 2, 8, 30])))
                texts = [" ".join(rng.choices(WORDS, k=rng.randrange(12))) for _ in names]
                args = {
                    "cid": self.cid,
                    "names": names,
                    "fields": [Jsonb({"title": text, "body": texts[0]}) for text in texts],
                    "one": Jsonb({"title": texts[0]}),
                }
                with conn.transaction(force_rollback=rng.random() < 0.05):
                    conn.execute(rng.choice(STATEMENTS), args)
                self.count("write")

    def merge(self) -> None:
        rng = random.Random(0)
        with psycopg.connect(self.url, autocommit=True) as conn:
            index_id = support.live_index(conn, "c")
            while not self.stop.is_set():
                conn.execute(
                    "SELECT * FROM impl.merge_step(%s, %s)", (index_id, rng.choice([0.0005, 0.005]))
                )
                self.count("merge")

    def read(self, seed: int) -> None:
        """Every answer is that of one state: in order, without doubles, frequencies right."""
        rng = random.Random(seed)
        with psycopg.connect(self.url, autocommit=True) as conn:
            while not self.stop.is_set():
                query = " ".join(rng.sample(WORDS, 3))
                rows = support.lexical(conn, "c", query, rng.choice([5, 1000]))
                order = [(-score, item) for item, _, score, _ in rows]
                assert order == sorted(order)
                assert len({item for item, *_ in rows}) == len(rows)
                assert all(score > 0 for *_, score, _ in rows)
                assert conn.execute(support.WRONG_FREQUENCIES).fetchall() == []
                assert conn.execute(support.WRONG_TOTALS).fetchall() == []
                self.count("read")


def run(load: Load, *more: Callable[[], None]) -> None:
    """Run writers to the end, everybody else beside them; the first exception of any is raised."""
    with ThreadPoolExecutor(WRITERS + 3 + len(more)) as pool:
        try:
            beside = [pool.submit(load.merge), *(pool.submit(load.read, seed) for seed in (1, 2))]
            beside += [pool.submit(other) for other in more]
            writing = [pool.submit(load.write, seed) for seed in range(WRITERS)]
            for future in writing:
                future.result()
        finally:
            load.stop.set()
        wait(beside)
        for future in beside:
            future.result()


def test_writers_a_merge_and_readers_at_once(db: Conn, db_url: str) -> None:
    cid = support.make_collection(db, "c", "korean", {"title": 2})
    load = Load(db_url, cid, TRANSACTIONS)
    run(load)
    assert load.did["write"] == TRANSACTIONS
    assert load.did["merge"] > 10
    assert load.did["read"] > 10
    support.check_equals_rebuild(db, "c")
    support.merge(db, support.live_index(db, "c"))
    support.check_equals_rebuild(db, "c")
    assert support.one(db, "SELECT count(*) FROM core.document") > 0


def test_a_new_index_is_built_and_swapped_in_beside_writers(db: Conn, db_url: str) -> None:
    cid = support.make_collection(db, "c", "korean", {"title": 2})
    load = Load(db_url, cid, TRANSACTIONS // 3)
    weights = iter(range(1, 1_000_000))

    def rebuild() -> None:
        with psycopg.connect(db_url, autocommit=True) as conn:
            while not load.stop.is_set():
                conn.execute(
                    "SELECT ops.alter_collection('c', field_weights => %s)",
                    (Jsonb({"title": next(weights)}),),
                )
                building = "SELECT id FROM core.lexical_index WHERE status = 'building'"
                support.build_and_swap(conn, support.one(conn, building), 20)
                load.count("swap")

    # The merge of an index that is swapped away meanwhile would stop here, and so it may; see below.
    load.merge = lambda: None  # type: ignore[method-assign]
    run(load, rebuild)
    assert load.did["swap"] > 1
    support.check_equals_rebuild(db, "c")


def test_a_merge_of_an_index_that_is_being_dropped_leaves_nothing(db: Conn, db_url: str) -> None:
    with psycopg.connect(db_url, autocommit=True) as conn, ThreadPoolExecutor(1) as pool:
        for _ in range(15):
            cid = support.make_collection(db, "c")
            for at in range(6):
                support.copy_items(
                    db, cid, [(str(at), {"t": " ".join(f"w{n}" for n in range(200))}, {})]
                )
            index_id = support.live_index(db, "c")
            merging = pool.submit(support.merge, conn, index_id)
            time.sleep(random.random() * 0.03)
            db.execute("DELETE FROM core.collection")
            # It may find the index gone at the wrong moment, but must not deadlock.
            with contextlib.suppress(psycopg.errors.ForeignKeyViolation):
                merging.result()
            support.check_consistent(db)


# A crash. The server is one of its own, with the durability that the shared one goes without.


@pytest.fixture
def home() -> Iterator[Path]:
    """Folder of a server that nobody else uses."""
    folder = Path(tempfile.mkdtemp(prefix="seogo-crash-"))
    yield folder
    try:
        embedded.stop(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def processes_of(postmaster: int) -> list[int]:
    """The server's process and its children."""
    psutil: Any = pytest.importorskip("psutil")
    return [
        postmaster,
        *(child.pid for child in psutil.Process(postmaster).children(recursive=True)),
    ]


def kill(home: Path) -> None:
    """End all processes of a server at once, as a power cut would."""
    pid_file = home / "pgdata" / "postmaster.pid"
    pids = processes_of(int(pid_file.read_text().split("\n")[0]))
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 2
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        if time.monotonic() > deadline:
            # Nobody collects the dead here (a container without an init process), and so their
            # numbers look taken. After a power cut they would not be.
            pid_file.unlink()
            return
        time.sleep(0.05)


@pytest.mark.db
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_a_server_killed_during_a_merge_recovers_the_index(home: Path) -> None:
    try:
        url = embedded.ensure(home)
    except EmbeddedUnavailable as exc:
        pytest.skip(str(exc))
    migrate.upgrade(url)
    with psycopg.connect(url, autocommit=True) as conn:
        assert conn.execute("SHOW fsync").fetchone() == ("on",)
        cid = support.make_collection(conn, "c", "korean", {"title": 2})
        rng = random.Random(1)
        words = [f"w{at}x" for at in range(1500)]
        for part in range(40):
            texts = [" ".join(rng.choices(words, k=30)) for _ in range(40)]
            support.copy_items(
                conn, cid, [(f"p{part}-{at}", {"title": t}, {}) for at, t in enumerate(texts)]
            )
        conn.execute("DELETE FROM core.item WHERE id % 5 = 0")
    for _ in range(2):
        load = Load(url, cid, 1_000_000)
        with ThreadPoolExecutor(3) as pool:
            threads = [
                pool.submit(merge_slowly, load),
                *(pool.submit(load.write, s) for s in (1, 2)),
            ]
            time.sleep(0.2)
            kill(home)
            load.stop.set()
        for thread in threads:
            assert isinstance(thread.exception(), psycopg.OperationalError)
        assert load.did["write"] > 0
        url = embedded.ensure(home)
        with psycopg.connect(url, autocommit=True) as conn:
            support.check_equals_rebuild(conn, "c")
    with psycopg.connect(url, autocommit=True) as conn:
        # Some steps were committed, the rest is still to do, and goes on from where they were.
        assert support.one(conn, "SELECT count(*) FROM core.lexical_chunk") > 0
        assert "chunk" in support.merge(conn, support.live_index(conn, "c"), 0.01)
        support.check_equals_rebuild(conn, "c")


def merge_slowly(load: Load) -> None:
    """Short steps, so that the end comes between and within them."""
    with psycopg.connect(load.url, autocommit=True) as conn:
        index_id = support.live_index(conn, "c")
        while not load.stop.is_set():
            conn.execute("SELECT * FROM impl.merge_step(%s, 0.003)", (index_id,))
