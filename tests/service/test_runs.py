"""Runs watched over HTTP, jobs of the schedule queued and cancelled."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any, get_args

import pytest

from db.calls.query import fetch
from db.operations import runs
from db.settings import DbSettings
from jobs.schedule.scheduler import Scheduler
from jobs.schedule.settings import ScheduleSettings
from jobs.schedule.tasks import TASKS
from service.runs.schemas import Task
from tests.jobs.support import DUMMY
from tests.sql.helpers import make_collection, put, put_picture, show

if TYPE_CHECKING:
    import psycopg

    from tests.service.conftest import Client

    Conn = psycopg.Connection[Any]


@pytest.fixture
def run_id(db: Conn) -> int:
    return fetch(db, runs.start(kind="ingest", args={"collection": "parts"}))[0].id


def test_runs_and_what_they_refused(client: Client, db: Conn, run_id: int) -> None:
    for line in (3, 7):
        place = {"place": f"line {line}", "external_id": "x", "record": b"{"}
        fetch(db, runs.note_error(run_id=run_id, reason="not JSON", **place))  # type: ignore[arg-type]
    later = fetch(db, runs.start(kind="merge_postings", args={}))[0].id
    listed = client.get("/runs").json()
    assert [run["run_id"] for run in listed] == [later, run_id]
    assert [r["run_id"] for r in client.get(f"/runs?before={later}").json()] == [run_id]
    assert [r["run_id"] for r in client.get("/runs?kind=ingest").json()] == [run_id]
    one = client.get(f"/runs/{run_id}").json()
    assert (one["state"], one["errors"], one["args"]) == ("running", 2, {"collection": "parts"})
    refused = client.get(f"/runs/{run_id}/errors").json()
    assert [r["place"] for r in refused] == ["line 3", "line 7"]
    assert client.get("/runs/999").status_code == 404
    assert client.get("/runs/999/errors").status_code == 404


def events(text: str) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for block in text.replace("\r\n", "\n").split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "event" in fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found


def test_a_run_is_watched_to_its_end(
    client: Client, db: Conn, db_url: str, run_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.runs.watching.LOOK_S", 0.05)

    def work() -> None:
        import psycopg

        with psycopg.connect(db_url, autocommit=True) as conn:
            for stages in ({"load": {"done": 1}}, {"load": {"done": 2}}):
                fetch(conn, runs.stages(run_id=run_id, stages=stages))
                threading.Event().wait(0.3)
            fetch(conn, runs.finish(run_id=run_id, state="done"))

    worker = threading.Thread(target=work)
    worker.start()
    answer = client.get(f"/runs/{run_id}/events")
    worker.join()
    assert answer.headers["content-type"].startswith("text/event-stream")
    told = events(answer.text)
    assert [name for name, _ in told][-1] == "end"
    assert {name for name, _ in told[:-1]} == {"progress"}
    assert told[-1][1]["state"] == "done"
    done = [run["stages"].get("load", {}).get("done") for _, run in told]
    assert 2 in done
    over = events(client.get(f"/runs/{run_id}/events").text)
    assert [name for name, _ in over] == ["end"]


def test_what_was_started_by_hand_is_stopped_there(client: Client, run_id: int) -> None:
    answer = client.post(f"/runs/{run_id}/cancel")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:seogo:problem:conflict")


def test_tasks_are_those_of_the_schedule() -> None:
    assert sorted(get_args(Task)) == sorted(task.name for task in TASKS)


def test_jobs_are_queued_once_and_cancelled(client: Client) -> None:
    queued = client.post("/jobs", json={"task": "merge_postings"})
    assert queued.status_code == 202, queued.text
    assert client.post("/jobs", json={"task": "merge_postings"}).status_code == 409
    (job,) = client.get("/jobs").json()
    assert (job["task"], job["state"]) == ("merge_postings", "todo")
    assert job["job_id"] == queued.json()["job_id"]
    assert client.post(f"/jobs/{job['job_id']}/cancel").status_code == 202
    (job,) = client.get("/jobs").json()
    assert job["state"] == "cancelled"
    assert client.post(f"/jobs/{job['job_id']}/cancel").status_code == 404
    assert client.post("/jobs", json={"task": "rm"}).status_code == 400


def test_a_running_job_is_asked_to_stop(client: Client, db: Conn) -> None:
    job_id = client.post("/jobs", json={"task": "measure_recall"}).json()["job_id"]
    db.execute("SET search_path = jobs, pg_catalog, public")
    db.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", (job_id,))
    run = fetch(db, runs.start(kind="measure_recall", args={"job_id": job_id}))[0].id
    assert client.post(f"/runs/{run}/cancel").status_code == 202
    (job,) = client.get("/jobs").json()
    assert job["abort_requested"] is True


def test_failures_are_listed(client: Client, db: Conn, parts: str, dummy_space: int) -> None:
    db.execute("UPDATE ops.outbox SET error = 'too odd', attempts = 3")
    failures = client.get("/failures", params={"collection": parts}).json()
    assert {f["error"] for f in failures} == {"too odd"}
    assert len(failures) == 3


def test_figures_for_monitoring(client: Client, parts: str, dummy_space: int, run_id: int) -> None:
    client.post(f"/collections/{parts}/search", json={"query": "펌프"})
    text = client.get("/metrics").text
    assert 'seogo_search_seconds_count{part="sql"}' in text
    assert 'path="/collections/{collection}/search"' in text
    assert 'seogo_queue_depth{name="text/1",queue="vectors",state="waiting"} 3.0' in text
    missing = f'collection="{parts}",generation="1",space="text",state="missing"'
    assert f"seogo_coverage_items{{{missing}}} 3.0" in text
    assert 'seogo_runs{kind="ingest",state="running"} 1.0' in text
    assert "seogo_up 1.0" in text


def waiting(client: Client) -> dict[tuple[str, str], tuple[int, int]]:
    """What waits in each queue, and how many serve it."""
    rows = client.get("/queues").json()
    return {(row["queue"], row["name"]): (row["waiting"], row["served"]) for row in rows}


@pytest.mark.usefixtures("parts", "dummy_space")
def test_queues_and_who_serves_them(client: Client, db: psycopg.Connection[Any]) -> None:
    found = waiting(client)
    assert found["jobs", ""] == (0, 0)
    assert found["readings", "ocr"] == (0, 0)
    assert found["readings", "caption"] == (0, 0)
    assert found["vectors", "text/1"] == (3, 0)
    client.post("/jobs", json={"task": "merge_postings"})
    assert waiting(client)["jobs", ""] == (1, 0)
    db.execute("INSERT INTO jobs.procrastinate_workers (last_heartbeat) VALUES (now())")
    assert waiting(client)["jobs", ""] == (1, 1)
    # One that has not been heard of for a minute is dead.
    db.execute("UPDATE jobs.procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
    assert waiting(client)["jobs", ""] == (1, 0)
    db.execute("DELETE FROM ops.outbox")
    assert waiting(client)["vectors", "text/1"] == (0, 0)


@pytest.mark.usefixtures("parts", "dummy_space")
def test_a_worker_serves_its_queues(client: Client, db: psycopg.Connection[Any]) -> None:
    db.execute("SELECT impl.worker()")
    assert waiting(client)["vectors", "text/1"] == (3, 1)
    assert waiting(client)["jobs", ""] == (0, 0)


def test_what_no_worker_of_this_machine_does_is_said_where_doctor_says_it(
    client: Client, db: psycopg.Connection[Any]
) -> None:
    make_collection(db, picture_readers={"caption": "parts-ko"})
    put(db, {"P1": {"title": "pump"}})
    show(db, 1, put_picture(db, b"a"), put_picture(db, b"b"))
    rows = {row["name"]: row for row in client.get("/queues").json() if row["queue"] == "readings"}
    why, todo = "captions are off", "set SEOGO_CAPTIONERS for `seogo embed` and the workers"
    assert rows["caption"]["stuck"] == [{"n": 2, "why": why, "todo": todo}]
    assert rows["item_caption"]["stuck"] == [{"n": 1, "why": why, "todo": todo}]
    assert (rows["item_caption"]["waiting"], rows["ocr"]["stuck"]) == (1, [])
    whole = client.get("/items/1").json()["caption"]
    assert (whole["state"], whole["caption"], whole["pictures"]) == ("waiting", None, 2)


@pytest.mark.usefixtures("parts", "dummy_space")
def test_what_a_person_asks_for_is_done_by_a_scheduler(client: Client, db_url: str) -> None:
    scheduler = Scheduler(DbSettings(database_url=db_url), DUMMY, ScheduleSettings())

    def done(answer: Any) -> tuple[str, str | None, int]:
        assert answer.status_code == 202, answer.text
        scheduler.run_due()
        jobs = {job["job_id"]: job for job in client.get("/jobs").json()}
        job = jobs[answer.json()["job_id"]]
        return job["state"], job["error"], job["attempts"]

    of = "/spaces/text/generations"
    assert client.post(of, json={"encoder": "nothing-like-it"}).status_code == 400
    state, error, attempts = done(client.post(of, json={"encoder": "dummy"}))
    assert (state, attempts) == ("failed", 1)  # the live one is by it; nothing is tried again
    assert "by this very model" in (error or "")
    other = {"encoder": "multilingual-e5-small-fp32", "max_rate": 5}
    assert done(client.post(of, json=other)) == ("succeeded", None, 1)
    (built,) = [row for row in client.get("/generations").json() if row["status"] == "building"]
    assert (built["space"], built["generation"], built["max_rate"]) == ("text", 2, 5.0)
    assert client.get("/runs?kind=start_generation").json()[0]["args"]["space"] == "text"
    assert done(client.delete(f"{of}/2")) == ("succeeded", None, 1)
    assert [row["status"] for row in client.get("/generations").json()] == ["live"]
    state, error, _ = done(client.post("/spaces/text/switch", json={}))
    assert (state, error) == ("failed", "no generation of space text is building")
    tasks = {row["task"]: row for row in client.get("/schedule").json()}
    assert (tasks["backup"]["cron"], tasks["backup"]["due_at"]) == (None, None)  # nobody has told
    wrong = client.put("/schedule/backup", json={"cron": "0 0 31 2 *"})
    assert (wrong.status_code, "never due" in wrong.json()["detail"]) == (400, True)
    assert client.put("/schedule/nothing", json={"cron": "off"}).status_code in (400, 404)
    set_ = client.put("/schedule/backup", json={"cron": "30 17 * * *"}).json()
    assert (set_["cron"], set_["set_by_person"], set_["due_at"][11:16]) == (
        "30 17 * * *", True, "17:30",
    )  # fmt: skip
    back = client.put("/schedule/backup", json={"cron": None}).json()
    assert (back["cron"], back["set_by_person"]) == (None, False)
    known = {row["task"]: row["last"] for row in tasks.values()}
    assert set(known) == set(get_args(Task))
    ready = {one["name"]: one["state"] for one in client.get("/encoders").json()}
    assert ready["dummy"] == "ready"
