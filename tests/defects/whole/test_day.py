"""A small day in a line: a worker process is killed in the middle, nothing is lost or doubled."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from db.calls import steps
from db.calls.query import fetch
from db.defects.batches import queue_batch
from db.operations import runs, webhooks
from flows.inspection import AnalyzeIn
from jobs.stages.settings import WorkerSettings
from jobs.stages.worker import Worker
from tests.defects.conftest import EXAMPLES
from tests.jobs.receiver import receiving
from tests.jobs.support import pipeline_settings, wait_until
from tests.sql.helpers import column

if TYPE_CHECKING:
    import psycopg

    from encoders.settings import EncoderSettings

    Conn = psycopg.Connection[Any]

STAGES = ["defects", "webhooks"]
PROGRAM = [sys.executable, "-c", "from jobs.cli import main; main()"]
WORKER = [*PROGRAM, "worker", "--stages", ",".join(STAGES)]


def test_a_worker_killed_over_a_batch_loses_and_doubles_nothing(
    plates: Conn, db_url: str, encoders: EncoderSettings
) -> None:
    pictures = {
        f"{n}.jpg": partial(bytes, (EXAMPLES / "pictures" / f"n{n:02d}.jpg").read_bytes())
        for n in range(10)
    }
    with receiving() as mes:
        (hook,) = fetch(plates, webhooks.set_webhook(name="mes", url=mes.url))
        mes.secret = hook.secret or ""
        args = msgspec.to_builtins(AnalyzeIn(product="plate")) | {"total": len(pictures)}
        run = steps.run(plates, queue_batch(args, pictures))
        env = os.environ | {
            "SEOGO_DATABASE_URL": db_url,
            "SEOGO_WEBHOOK_HOSTS": mes.host,
            "SEOGO_MODELS": str(encoders.models_path),
            "SEOGO_TEXT_ENCODER": "dummy",
            "SEOGO_THREADS": "1",
        }
        with subprocess.Popen(WORKER, env=env, stderr=subprocess.DEVNULL) as process:
            try:
                wait_until(lambda: column(plates, "SELECT count(*) FROM core.analysis") > [2])
            finally:
                os.kill(process.pid, signal.SIGKILL)
        settings = msgspec.structs.replace(pipeline_settings(db_url), encoders=encoders)
        chosen = WorkerSettings(webhook_hosts=mes.host)
        Worker(settings, chosen, stages=STAGES, once=True).run()
        told = dict(mes.came)
    places = column(plates, "SELECT place FROM search.batch_pictures WHERE state = 'inspected'")
    assert sorted(places) == sorted(pictures)
    analyses = column(plates, "SELECT id FROM core.analysis ORDER BY id")
    assert len(analyses) == len(pictures)
    judged = [
        one["data"]["analysis_id"] for one in told.values() if one["type"] == "analysis.judged"
    ]
    assert sorted(judged) == analyses
    ended = [one["data"] for one in told.values() if one["type"] == "run.finished"]
    assert [(one["run_id"], one["state"]) for one in ended] == [(run.run_id, "done")]
    assert mes.forged == 0
    (kept,) = fetch(plates, runs.get(run_id=run.run_id))
    assert sum(kept.counts.values()) == len(pictures)


def test_claims_of_batches_find_what_waits_by_an_index(plates: Conn) -> None:
    plates.execute(
        "INSERT INTO ops.run (kind, args) VALUES ('defect_batch', '{}');"
        "INSERT INTO core.batch_picture (run_id, place, state)"
        " SELECT r.id, n::text, 'inspected' FROM ops.run AS r, generate_series(1, 5000) AS n;"
        "INSERT INTO core.batch_picture (run_id, place, state, bytes)"
        " SELECT r.id, 'w' || n, 'waiting', 'x' FROM ops.run AS r, generate_series(1, 9) AS n;"
        "ANALYZE core.batch_picture"
    )
    (text,) = column(plates, "SELECT prosrc FROM pg_proc WHERE proname = 'claim_batch_pictures'")
    for name, value in (("batch_n", "4"), ("lease", "interval '1 minute'")):
        text = re.sub(rf"\b{name}\b", value, text)
    plan = "\n".join(column(plates, f"EXPLAIN {text}".encode()))
    assert "batch_picture_waiting_idx" in plan
    assert "Seq Scan on batch_picture" not in plan
