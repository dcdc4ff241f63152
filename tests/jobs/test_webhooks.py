"""Events delivered by workers: signed, at least once each, also over the death of who delivers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from db.calls.query import fetch
from db.errors import UnknownName
from db.operations import runs, webhooks
from jobs.cli import app
from tests.jobs.receiver import Receiver, receiving
from tests.jobs.support import wait_until, working
from tests.sql.helpers import column

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.jobs.support import Conn

WORKER = [
    sys.executable,
    "-c",
    "from jobs.cli import main; main()",
    "worker",
    "--stages",
    "webhooks",
]
DUE_NOW = "UPDATE ops.delivery SET next_attempt_at = now() WHERE state = 'waiting'"


@pytest.fixture
def receiver(db: Conn) -> Iterator[Receiver]:
    """The receiver of the webhook `mes`."""
    with receiving() as made:
        (found,) = fetch(db, webhooks.set_webhook(name="mes", url=made.url))
        made.secret = found.secret or ""
        yield made


def happen(db: Conn, n: int = 1) -> list[int]:
    """End runs; their ids."""
    ids = []
    for _ in range(n):
        (run,) = fetch(db, runs.start(kind="ingest", args={}))
        fetch(db, runs.finish(run_id=run.id, state="done"))
        ids.append(run.id)
    return ids


def states(db: Conn) -> set[str]:
    return {one.state for one in fetch(db, webhooks.deliveries())}


def test_a_worker_is_woken_delivers_and_tries_again(
    db: Conn, db_url: str, receiver: Receiver
) -> None:
    receiver.answers = [503, 204]
    with working(db_url, stages=["webhooks"], webhook_hosts=receiver.host) as worker:
        wait_until(lambda: worker.meters["webhooks"])
        (run_id,) = happen(db)
        wait_until(lambda: column(db, "SELECT status FROM ops.delivery") == [503])
        db.execute(DUE_NOW)
        db.execute("NOTIFY seogo_work, 'webhooks'")
        wait_until(lambda: states(db) == {"delivered"})
    (first, second) = receiver.came
    assert first == second
    assert (first[1]["type"], first[1]["data"]["run_id"]) == ("run.finished", run_id)
    assert receiver.forged == 0


def test_the_death_of_who_delivers_loses_nothing(db: Conn, db_url: str, receiver: Receiver) -> None:
    ids = happen(db, 6)
    receiver.answering.clear()
    env = os.environ | {"SEOGO_DATABASE_URL": db_url, "SEOGO_WEBHOOK_HOSTS": receiver.host}
    with subprocess.Popen(WORKER, env=env, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until(lambda: len(receiver.came) >= 4)
        finally:
            os.kill(process.pid, signal.SIGKILL)
    receiver.answering.set()
    with working(db_url, stages=["webhooks"], webhook_hosts=receiver.host, worker_poll_s=0.1):
        wait_until(lambda: states(db) == {"delivered"})
    assert len(receiver.came) > len(ids)  # some twice, under the same id
    distinct = {message_id: body["data"]["run_id"] for message_id, body in receiver.came}
    assert sorted(distinct.values()) == ids
    assert receiver.forged == 0


def test_nothing_is_posted_to_a_private_address_that_no_setting_names(
    db: Conn, db_url: str, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    happen(db)
    with working(db_url, stages=["webhooks"], webhook_hosts="127.0.0.1:1"):
        wait_until(lambda: column(db, "SELECT error IS NOT NULL FROM ops.delivery") == [True])
    (delivery,) = fetch(db, webhooks.deliveries())
    assert "SEOGO_WEBHOOK_HOSTS" in (delivery.error or "")
    assert receiver.came == []
    assert receiver.secret not in caplog.text


def test_the_command_line_makes_lists_and_replays(
    db: Conn, db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEOGO_DATABASE_URL", db_url)
    monkeypatch.setenv("COLUMNS", "200")

    def seogo(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, ["webhooks", *words])
        assert done.exit_code == code, done.output
        return done.output

    asks = ("--kind", "run.finished", "--filter", '{"state": "done"}')
    made = seogo("set", "mes", "https://mes.example/hook", *asks)
    assert made.startswith("whsec_")
    assert "its secret stays" in seogo("set", "mes", "https://mes.example/hook", *asks)
    happen(db)
    listed = seogo("list")
    assert "run.finished" in listed
    assert made.split()[0] not in listed
    assert "waiting" in seogo("deliveries", "mes")
    assert "0 events" in seogo("replay", "mes")
    assert "1 events" in seogo("replay", "mes", "--hours", "1")
    assert "paused" in seogo("pause", "mes")
    assert "2 events waited" in (seogo("test", "mes") and seogo("remove", "mes"))
    assert isinstance(CliRunner().invoke(app, ["webhooks", "test", "mes"]).exception, UnknownName)
