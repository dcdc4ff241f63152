"""The whole pipeline on drawn pictures: what it makes, and that nothing which interrupts it changes that.

OCR and picture vectors are those that ship; texts are encoded by the encoder that needs no model.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString

import msgspec
import psycopg
import pytest
from pgvector.psycopg import register_vector

from db.calls.query import fetch
from db.errors import ServerExhausted
from db.items import items
from db.items.items import create_collection
from db.items.rows import ItemIn, NewCollection
from db.operations import readings, runs
from db.search import functions
from db.settings import DbSettings
from db.spaces import embedding
from encoders.settings import CaptionSettings, EncoderSettings
from flows.encoding import EncoderChanged
from jobs import embed
from jobs.ingest import attempts, source
from jobs.ingest import load as ingest
from jobs.stages import ocr as ocr_stage
from jobs.stages.config import PipelineSettings
from jobs.stages.pipeline import Pipeline
from tests.conftest import fresh_database
from tests.jobs import canonical, drawn, poison
from tests.lexical import support
from tests.searching import searched
from tests.sql.helpers import column, found, put, put_picture, show
from tests.unit.encoders.captioning.chat_server import ANSWER, ChatServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Conn = psycopg.Connection[Any]

SEOGO = Path(sys.executable).with_name("seogo")
ENCODERS = EncoderSettings(text_encoder="dummy", models=os.environ.get("SEOGO_MODELS"), threads=1)
PLATES = 7
# More than two batches of items, the pictures among the first.
PLAIN = 1100


def record(key: str, *media: dict[str, str], **fields: str) -> bytes:
    row: dict[str, Any] = {"external_id": key, "fields": fields}
    if media:
        row["media"] = media
    return json.dumps(row).encode() + b"\n"


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Parts with nameplates whose serial numbers stand nowhere else, plain ones, and some that are none."""
    root = tmp_path_factory.mktemp("parts")
    lines = []
    for at in range(PLATES):
        (root / f"plate{at}.png").write_bytes(drawn.written(f"S/N {70 + at}E9991{at}"))
        (root / f"photo{at}.jpg").write_bytes(drawn.encoded(drawn.figure(at), "JPEG", quality=95))
        media = [
            {"role": "nameplate", "path": f"plate{at}.png"},
            {"role": "photo", "path": f"photo{at}.jpg"},
        ]
        lines.append(record(f"P{at}", *media, title=f"part number {at}", part_number=f"AB-100{at}"))
    shared = {"role": "nameplate", "path": "plate0.png"}
    lines.append(record("TWIN", shared, {"path": "absent.png"}, title="shows what P0 shows"))
    lines += [b"no JSON\n", record("P1", title="a second P1")]
    lines += [record(f"N{at:04d}", title=f"plain part {at}") for at in range(PLAIN)]
    (root / "manifest.jsonl").write_bytes(b"".join(lines))
    return root


class Seogo:
    """The program, run as its users do, on one database."""

    def __init__(self, url: str) -> None:
        self.url = url
        plain = {k: v for k, v in os.environ.items() if k == "SEOGO_MODELS" or k[:6] != "SEOGO_"}
        self.env = plain | {
            "SEOGO_DATABASE_URL": url,
            "SEOGO_TEXT_ENCODER": "dummy",
            "SEOGO_THREADS": "1",
            "COLUMNS": "160",
        }

    def start(self, *args: str | Path) -> subprocess.Popen[str]:
        """Start it with a group of processes of its own, as a shell does."""
        return subprocess.Popen(
            [SEOGO, *args],
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *args: str | Path, code: int = 0) -> tuple[str, str]:
        process = self.start(*args)
        out, err = process.communicate()
        assert process.returncode == code, out + err
        assert "Traceback" not in err
        return out, err


def ingest_of(folder: Path) -> tuple[str | Path, ...]:
    return ("ingest", folder, "--collection", "parts", "--recipe", "parts")


@pytest.fixture(scope="module")
def reference(server_url: str, template: str, folder: Path) -> Iterator[tuple[Seogo, str, str]]:
    """A database after one uninterrupted run, and what that said."""
    with fresh_database(server_url, template) as url:
        seogo = Seogo(url)
        yield seogo, *seogo.run(*ingest_of(folder), code=1)


@pytest.fixture
def done(reference: tuple[Seogo, str, str]) -> Iterator[Conn]:
    with psycopg.connect(reference[0].url, autocommit=True) as conn:
        register_vector(conn)
        yield conn


def test_a_run_says_what_it_did_and_what_it_could_not_take(
    reference: tuple[Seogo, str, str], done: Conn
) -> None:
    _, out, err = reference
    assert (
        f"parts: {PLATES + 1 + PLAIN} inserted, 0 updated, 0 unchanged, 2 refused;"
        f" {2 * PLATES + 1} pictures, 1 refused"
    ) in out
    assert f"ocr: {2 * PLATES} done" in out
    assert f"image vectors: image: {PLATES + 1} done" in out
    assert f"text vectors: text: {PLATES + 1 + PLAIN} done" in out
    told = [line for line in err.splitlines() if line.startswith("manifest.jsonl:")]
    assert [line.split(": ")[0] for line in told] == [
        f"manifest.jsonl:{PLATES + 1} (TWIN)",
        f"manifest.jsonl:{PLATES + 2}",
        f"manifest.jsonl:{PLATES + 3} (P1)",
    ]
    assert "once mended: seogo ingest --retry-errors 1" in err
    (run,) = fetch(done, runs.get(run_id=1))
    assert (run.state, run.error, run.errors) == ("done", None, 3)
    assert run.stages["ocr"]["done"] == 2 * PLATES
    assert all(stage["waiting"] == stage["failed"] == 0 for stage in run.stages.values())
    assert run.stages["ocr"]["busy_s"] > 0


def test_what_stands_only_on_a_picture_is_found(done: Conn) -> None:
    for at in range(PLATES):
        serial = f"{70 + at}E9991{at}"
        hits = fetch(done, functions.identifier(collection="parts", query=serial))
        exact = [hit for hit in hits if hit.matched == serial]
        assert hits[: len(exact)] == exact
        assert {hit.source for hit in exact} == {"ocr:serial_number"}
        assert all(0.9 < hit.score < 1 for hit in exact)  # as sure as OCR was
        assert len(exact) == 1 + (at == 0)  # the twin shows the same plate
    shown = "SELECT count(*), count(DISTINCT m.picture_id) FROM core.media AS m"
    assert done.execute(shown).fetchone() == (2 * PLATES + 2, 2 * PLATES)
    support.check_equals_rebuild(done, "parts")


def test_a_part_is_found_by_a_picture_of_it(done: Conn, folder: Path, tmp_path: Path) -> None:
    for at in range(PLATES):
        askew = drawn.figure(at).rotate(4, fillcolor="grey").resize((120, 90))
        path = tmp_path / "query.jpg"
        path.write_bytes(drawn.encoded(askew, "JPEG", quality=60))
        hits, degraded, _ = searched(done, ENCODERS, collection="parts", picture=path, k=3)
        assert degraded == []
        assert hits[0].external_id == f"P{at}"
        assert hits[0].legs.keys() == {"image"}


def test_a_part_is_found_by_a_photograph_of_its_nameplate(done: Conn, tmp_path: Path) -> None:
    path = tmp_path / "query.jpg"
    path.write_bytes(drawn.encoded(drawn.labelled("S/N 73E99913").rotate(1), "JPEG", quality=70))
    hits, degraded, numbers = searched(done, ENCODERS, collection="parts", picture=path, k=3)
    assert (degraded, numbers) == ([], ["73E99913"])
    assert hits[0].external_id == "P3"
    identified = hits[0].legs["identifier"]
    assert identified is not None
    assert identified.rank == 1
    fetch(done, items.alter_collection(name="parts", picture_readers={}))
    hits, degraded, numbers = searched(done, ENCODERS, collection="parts", picture=path, k=3)
    assert (degraded, numbers, hits[0].legs.keys()) == ([], [], {"image"})
    fetch(done, items.alter_collection(name="parts", picture_readers={"ocr": "auto"}))


def test_the_same_input_again_changes_nothing_and_reads_nothing(
    reference: tuple[Seogo, str, str], done: Conn, folder: Path
) -> None:
    before = canonical.versions(done)
    out, _ = reference[0].run(*ingest_of(folder), code=1)
    assert f"parts: 0 inserted, 0 updated, {PLATES + 1 + PLAIN} unchanged, 2 refused" in out
    assert "nothing to encode" in out or "done" not in out
    assert canonical.versions(done) == before
    (run,) = fetch(done, runs.get(run_id=2))
    encoded = {name: stage["done"] for name, stage in run.stages.items() if name != "load"}
    assert set(encoded.values()) == {0}


# --- interruptions --------------------------------------------------------------------------------


def until(process: subprocess.Popen[str], happened: Callable[[], Any]) -> None:
    """Wait until something is seen in the database while the process runs."""
    while not happened():
        if process.poll() is not None:
            out, err = process.communicate()
            raise AssertionError(f"it ended before that:\n{out}{err}")
        threading.Event().wait(0.02)


def readers_of(pid: int) -> list[int]:
    """Processes that read pictures for the process."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    found = [int(one) for thread in threads for one in (thread / "children").read_text().split()]
    return [one for one in found if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes()]


def alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    return status.exists() and "\nState:\tZ" not in status.read_text()


SESSIONS: LiteralString = (
    "FROM pg_stat_activity WHERE application_name = 'seogo' AND datname = current_database()"
)


def kill(db: Conn, process: subprocess.Popen[str]) -> None:
    """Kill it as the kernel does; its readers end by themselves, and its sessions."""
    readers = readers_of(process.pid)
    process.kill()
    process.communicate()
    while any(map(alive, readers)) or column(db, "SELECT 1 " + SESSIONS):
        threading.Event().wait(0.02)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds processes in /proc")
def test_whatever_interrupts_it_a_resumed_run_makes_the_same_database(
    db: Conn, db_url: str, folder: Path, done: Conn
) -> None:
    seogo = Seogo(db_url)
    resume = ("ingest", "--resume")

    def going(*args: str | Path, until_read: int = 0) -> subprocess.Popen[str]:
        process = seogo.start(*args)
        happened = "SELECT count(*) >= %s FROM core.reading WHERE read_at IS NOT NULL"
        if not until_read:
            happened = "SELECT count(*) > %s FROM core.item"
        until(process, lambda: column(db, happened, (until_read,))[0])
        return process

    def state() -> list[str]:
        return column(db, "SELECT state FROM ops.run")

    kill(db, going(*ingest_of(folder)))  # while it loads
    assert state() == ["running"]
    kill(db, going(*resume, until_read=2))  # while it reads
    assert state() == ["running"]

    process = going(*resume, until_read=4)
    os.killpg(process.pid, signal.SIGINT)  # Ctrl-C
    out, err = process.communicate()
    assert process.returncode == 130, out + err
    assert "to go on: seogo ingest --resume" in err.splitlines()
    assert "Traceback" not in err
    assert state() == ["stopped"]
    assert column(db, "SELECT 1 FROM core.reading WHERE read_at IS NULL AND attempts > 2") == []
    leases = "SELECT 1 FROM core.reading WHERE read_at IS NULL AND lease_until IS NOT NULL"
    assert column(db, leases) == []

    process = going(*resume, until_read=6)
    db.execute("SELECT pg_terminate_backend(pid, 10000) " + SESSIONS)  # a restart of the server
    out, err = process.communicate()
    assert process.returncode == 1, out + err
    assert "error: PostgreSQL does not answer: " in err
    assert "Traceback" not in err

    process = going(*resume, until_read=8)
    for reader in readers_of(process.pid):
        os.kill(reader, signal.SIGKILL)  # for want of memory, say
    out, err = process.communicate()
    assert process.returncode == 1, out + err  # for what is wrong with the input
    assert err.count("manifest.jsonl:") == 3
    assert state() == ["done"]

    assert canonical.dump(db) == canonical.dump(done)
    support.check_equals_rebuild(db, "parts")


# --- faults of one stage --------------------------------------------------------------------------


def settings_of(url: str, **more: Any) -> PipelineSettings:
    return PipelineSettings(
        db=DbSettings(database_url=url), encoders=ENCODERS, captions=CaptionSettings(), **more
    )


def piped(
    db: Conn, settings: PipelineSettings, attempt: attempts.IngestAttempt | None = None
) -> Pipeline:
    """Run a pipeline over all spaces, those included that collections ask for."""
    load: Any = None
    if attempt is not None:
        load = partial(_load, attempt)
    embed.ensure_spaces(db, settings.encoders)
    pipeline = Pipeline(
        settings,
        fetch(db, embedding.live_spaces()),
        load=load,
        run_id=None if attempt is None else attempt.run_id,
    )
    pipeline.run()
    return pipeline


def _load(attempt: attempts.IngestAttempt, conn: Conn, _meter: Any, stop: threading.Event) -> None:
    attempt.run(conn, on_line=lambda _line: None, stop=stop)


def collection(db: Conn, **settings: Any) -> None:
    fetch(db, create_collection(name="parts", settings=NewCollection(**settings)))


def items_with(db: Conn, **contents: bytes) -> None:
    """Items with a picture each."""
    for at, (key, content) in enumerate(contents.items(), start=1):
        put(db, {key: {"title": key}})
        show(db, at, put_picture(db, content))


def test_a_picture_that_kills_its_reader_fails_alone(
    db: Conn, db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ocr_stage, "read_or_reason", poison.read_unless_poison)
    collection(db, picture_readers={"ocr": "rapidocr"})
    good = {f"P{at}": drawn.written(f"PLATE {at}") for at in "247"}
    items_with(db, P=poison.POISON, **good, broken=b"no picture")
    meter = piped(db, settings_of(db_url)).meters["ocr"].read()
    assert (meter.done, meter.failed, meter.waiting) == (3, 2, 0)
    texts = dict(db.execute("SELECT external_id, picture_fields FROM core.item").fetchall())
    assert {key: texts[key]["ocr"] for key in good} == {f"P{at}": f"PLATE {at}" for at in "247"}
    failures = {one.example: one.reason for one in fetch(db, readings.failures(shown=9))}
    assert failures["P"] == "the process that read it died"
    assert failures["broken"].startswith("PictureInvalid: ")
    assert column(db, "SELECT count(*) FROM core.reading WHERE next_attempt_at > now()") == [2]


def test_an_engine_that_is_not_there_is_told_and_the_rest_goes_on(db: Conn, db_url: str) -> None:
    collection(
        db, picture_readers={"ocr": "clairvoyance"}, vector_sources={"text": {"t": ["title"]}}
    )
    items_with(db, P1=drawn.written("A"), P2=drawn.written("B"))
    meters = piped(db, settings_of(db_url)).meters
    assert meters["ocr"].read().failed == 2
    assert meters["text vectors: text"].read().done == 2
    (failure,) = fetch(db, readings.failures(shown=9))
    assert (failure.stage, failure.n, failure.example) == ("ocr", 2, "P1")
    assert "'clairvoyance', known are: auto" in failure.reason


FULL = """
CREATE FUNCTION pg_temp.full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {fits} THEN
        RETURN new;
    END IF;
    RAISE EXCEPTION 'could not extend file "x": No space left on device' USING ERRCODE = '53100';
END $$;
CREATE TRIGGER full_disk BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION pg_temp.full_disk();"""


@pytest.mark.parametrize(
    ("table", "fits"),
    [("core.item", "new.external_id <= 'N0055'"), ("core.embedding", "new.item_id <= 85")],
)
def test_a_full_disk_stops_the_run_and_loses_nothing(
    db: Conn, db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str, fits: str
) -> None:
    monkeypatch.setattr(ingest, "BATCH_ITEMS", 10)
    collection(db, vector_sources={"text": {"item": ["title"]}})
    path = tmp_path / "parts.jsonl"
    path.write_bytes(b"".join(record(f"N{at:04d}", title=f"plain {at}") for at in range(100)))
    attempt = attempts.begin(
        db, source.find(path, None), collection="parts", recipe="generic", allow_urls=False
    )
    db.execute(FULL.format(table=table, fits=fits).encode())
    with pytest.raises(ServerExhausted, match="No space left on device") as caught:
        piped(db, settings_of(db_url), attempt)
    assert "goes on from there" in (caught.value.hint or "")
    (run,) = fetch(db, runs.get(run_id=attempt.run_id))
    assert run.state == "failed"
    assert "No space left on device" in (run.error or "")
    kept = db.execute("SELECT count(*) FROM core.item").fetchone()
    assert kept == (run.counts["inserted"],)
    db.execute(f"DROP TRIGGER full_disk ON {table}".encode())

    piped(db, settings_of(db_url), attempts.resume(db))
    (run,) = fetch(db, runs.get(run_id=attempt.run_id))
    assert (run.state, run.error, run.counts["inserted"]) == ("done", None, 100)
    (coverage,) = fetch(db, embedding.coverage())
    assert (coverage.items, coverage.fresh) == (100, 100)


def test_a_stage_that_cannot_work_stops_the_others_and_the_run_says_why(
    db: Conn, db_url: str, tmp_path: Path
) -> None:
    collection(db, vector_sources={"text": {"item": ["title"]}})
    path = tmp_path / "parts.jsonl"
    path.write_bytes(record("P1", title="pump"))
    attempt = attempts.begin(
        db, source.find(path, None), collection="parts", recipe="generic", allow_urls=False
    )
    embed.ensure_spaces(db, ENCODERS)
    db.execute("UPDATE ops.space SET identity = 'another@1'")
    with pytest.raises(EncoderChanged):
        piped(db, settings_of(db_url), attempt)
    (run,) = fetch(db, runs.get(run_id=attempt.run_id))
    assert run.state == "failed"
    assert "Space text was made by" in (run.error or "")


def test_pictures_are_described_and_descriptions_searched(db: Conn, db_url: str) -> None:
    collection(
        db,
        picture_readers={"caption": "parts-en"},
        vector_sources={"text": {"item": ["title"], "caption": ["caption"]}},
    )
    items_with(db, **{f"P{at}": drawn.encoded(drawn.plain(at)) for at in range(6)})
    with ChatServer(["ok"]) as server:
        asked = CaptionSettings(captioners="openai", caption_url=server.url, caption_model="x")
        settings = msgspec.structs.replace(settings_of(db_url), captions=asked)
        meters = piped(db, settings).meters
    assert meters["caption"].read().done == len(server.bodies) == 6
    assert sorted(found(db, "label")) == [f"P{at}" for at in range(6)]
    assert column(db, "SELECT DISTINCT text || '|' || prompt FROM core.caption") == [
        f"{ANSWER}|parts-en@1"
    ]
    # The text stage has waited for them.
    assert column(db, "SELECT count(*) FROM core.embedding WHERE source = 'caption'") == [6]
    assert column(db, "SELECT count(*) FROM ops.outbox") == [0]


def test_a_server_that_refuses_to_describe_is_told(db: Conn, db_url: str) -> None:
    collection(db, picture_readers={"caption": "parts-en"})
    items_with(db, P1=drawn.encoded(drawn.plain()))
    with ChatServer([400]) as server:
        asked = CaptionSettings(captioners="openai", caption_url=server.url, caption_model="x")
        settings = msgspec.structs.replace(settings_of(db_url), captions=asked)
        assert piped(db, settings).meters["caption"].read().failed == 1
    (failure,) = fetch(db, readings.failures(shown=9))
    assert (failure.stage, failure.example) == ("caption", "P1")
    assert "400" in failure.reason


def test_captioners_that_name_nobody_leave_pictures_waiting(db: Conn, db_url: str) -> None:
    collection(db, picture_readers={"caption": "parts-en"})
    items_with(db, P1=drawn.encoded(drawn.plain()))
    off = msgspec.structs.replace(settings_of(db_url), captions=CaptionSettings(captioners=" , "))
    now = piped(db, off).meters["caption"].read()
    assert (now.done, now.failed, now.waiting) == (0, 0, 1)


# --- whose work it is -----------------------------------------------------------------------------


TEXTS = {"text": {"item": ["title"]}}


def loaded(db: Conn, name: str, n: int) -> int:
    """A run that has loaded plain items into a collection, and nothing more; its id."""
    fetch(db, create_collection(name=name, settings=NewCollection(vector_sources=TEXTS)))
    run_id = fetch(db, runs.start(kind="ingest", args={"collection": name}))[0].id
    some = [ItemIn(external_id=f"{name}-{at}", fields={"title": f"{name} {at}"}) for at in range(n)]
    fetch(db, items.upsert_items(collection=name, items=some))
    return run_id


def test_a_run_counts_its_own_work(db: Conn, db_url: str) -> None:
    """What others left in the queues is done as well, and is not in its totals."""
    settings = settings_of(db_url)
    loaded(db, "others", 7)
    fetch(db, create_collection(name="mine", settings=NewCollection(vector_sources=TEXTS)))
    earlier = [ItemIn(external_id=f"old-{at}", fields={"title": f"old {at}"}) for at in range(3)]
    fetch(db, items.upsert_items(collection="mine", items=earlier))
    run_id = loaded(db, "mine", 5)
    embed.ensure_spaces(db, settings.encoders)
    # The queue of a new space begins with it: these were there before the run.
    db.execute(
        "UPDATE ops.outbox AS o SET enqueued_at = now() - interval '1 hour' FROM core.item AS i"
        " WHERE i.id = o.item_id AND i.external_id NOT LIKE 'mine-%'"
    )
    Pipeline(settings, fetch(db, embedding.live_spaces()), run_id=run_id).run()
    (run,) = fetch(db, runs.get(run_id=run_id))
    stage = run.stages["text vectors: text"]
    assert (stage["done"], stage["waiting"], stage["failed"], stage["others"]) == (5, 0, 0, 10)
    assert fetch(db, embedding.coverage())[0].missing == 0


def test_a_run_without_a_collection_counts_all(db: Conn, db_url: str) -> None:
    loaded(db, "some", 2)
    loaded(db, "more", 3)
    pipeline = piped(db, settings_of(db_url))
    now = pipeline.meters["text vectors: text"].read()
    assert (now.done, now.waiting, now.failed, now.others) == (5, 0, 0, 0)
