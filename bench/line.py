"""A day in a line: pictures of two products come in, labels trickle, worker and service are killed.

  python bench/line.py --pictures 2000 --kill-every 20

Draws plates and discs, some of them scratched or stained, registers normal ones, builds banks, then sends the
rest to `POST /defects/batch` in lots of 20, without saying what they are; a person labels one in ten.
Meanwhile worker and service are killed (`kill -9`) again and again, and started again. At the end every
picture must have been inspected once, and the receiver of webhooks must have had each event, each message
signed. It works in a database of its own, which is dropped.
"""

from __future__ import annotations

import argparse
import base64
import io
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import psycopg
from httpload import free_port, wait_ready
from pgvector.psycopg import register_vector
from PIL import ImageOps
from rich.console import Console
from scratchdb import database, first

ROOT = Path(__file__).parents[1]
sys.path += [str(ROOT), str(ROOT / "examples" / "defects")]

from render_plates import plate, scratched, stained  # noqa: E402

from db.calls import steps  # noqa: E402
from db.calls.query import fetch  # noqa: E402
from db.defects import products  # noqa: E402
from db.defects.registration import Specimen, register  # noqa: E402
from db.operations import webhooks  # noqa: E402
from db.settings import read  # noqa: E402
from db.spaces import embedding  # noqa: E402
from encoders.anomaly import backbones  # noqa: E402
from encoders.anomaly.fit import FitOptions  # noqa: E402
from encoders.settings import EncoderSettings  # noqa: E402
from flows import encoding  # noqa: E402
from flows.pictures import prepare_picture  # noqa: E402
from jobs import embed  # noqa: E402
from jobs.defects import banks  # noqa: E402
from jobs.defects import register as registering  # noqa: E402
from tests.jobs.receiver import Receiver, receiving  # noqa: E402

PRODUCTS = ("plate", "disc")
NORMALS = 20
LOT = 20
LABELLED = 0.1
DEFECTIVE = 0.1
# 2,000 pictures take four minutes on an idle machine, some fifteen beside a test suite.
PATIENCE_S = 3600.0
console = Console()


class Program(NamedTuple):
    """A program that is started again when it was killed."""

    start: Callable[[], subprocess.Popen[bytes]]
    running: list[subprocess.Popen[bytes]]

    def begin(self) -> None:
        self.running.append(self.start())

    def kill(self) -> None:
        one = self.running[-1]
        os.kill(one.pid, signal.SIGKILL)
        one.wait()
        self.begin()

    def end(self) -> None:
        self.running[-1].terminate()
        self.running[-1].wait(60)


def picture(product: str, seed: int, defect: str | None) -> bytes:
    image = plate(seed, seed)
    if defect is not None:
        image = {"scratch": scratched, "stain": stained}[defect](image, seed)
    if product == "disc":
        image = ImageOps.invert(image.rotate(90))
    file = io.BytesIO()
    image.convert("L").save(file, "JPEG", quality=90)
    return file.getvalue()


def prepare(conn: psycopg.Connection[Any], settings: EncoderSettings) -> None:
    registering.ensure_collection(conn)
    backbone = backbones.build("efficientnet-lite0", settings.models_path, settings.threads)
    for product in PRODUCTS:
        fetch(conn, products.add_product(name=product))
        for defect in ("scratch", "stain"):
            fetch(conn, products.add_defect_type(product=product, name=defect))
        labels: list[str | None] = [None] * NORMALS + ["scratch", "stain"]
        for seed, label in enumerate(labels):
            said = {"label": "normal"} if label is None else {"label": "defect", "defect": label}
            specimen = Specimen(product=product, piece=str(seed), **said)  # type: ignore[arg-type]
            decoded = prepare_picture(picture(product, 10_000 + seed, label))
            with conn.transaction():
                steps.run(conn, register(specimen, decoded))
        banks.build(conn, backbone, product, "main", FitOptions(size=500, side=128))
    embed.ensure_spaces(conn, settings)
    for space in fetch(conn, embedding.live_spaces()):
        embed.run(conn, space, encoding.encoder_of(space, settings))


def patiently(ask: Callable[[], httpx.Response]) -> httpx.Response:
    """Ask until there is an answer: the service is being killed."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            answer = ask()
            if answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                return answer.raise_for_status()
        except httpx.TransportError:
            pass
        if time.monotonic() > until:
            raise SystemExit("the service does not answer")
        time.sleep(0.2)


def send(client: httpx.Client, count: int, chance: random.Random) -> dict[int, dict[str, Any]]:
    """Send all pictures in lots; what was sent, by run."""
    lots = {}
    for start in range(0, count, LOT):
        shown = {}
        for number in range(start, min(start + LOT, count)):
            defect = chance.choice(("scratch", "stain")) if chance.random() < DEFECTIVE else None
            shown[f"{number:05d}.jpg"] = (PRODUCTS[number % 2], defect)
        listed = [
            {
                "name": name,
                "base64": base64.b64encode(picture(product, int(name[:5]), defect)).decode(),
            }
            for name, (product, defect) in shown.items()
        ]
        once = {"Idempotency-Key": f"lot {start}"}
        body = {"pictures": listed}
        answer = patiently(
            lambda body=body, once=once: client.post("/defects/batch", json=body, headers=once)
        )  # type: ignore[misc]
        lots[answer.json()["run_id"]] = shown
    return lots


def label(client: httpx.Client, conn: psycopg.Connection[Any], said: dict[int, str | None]) -> None:
    """Label what was not labelled yet; one whose answer was lost is asked for first."""
    for analysis, defect in said.items():
        if first(conn, "SELECT count(*) FROM core.feedback WHERE analysis_id = %s", (analysis,)):
            continue
        body = {"label": "normal"} if defect is None else {"label": "defect", "defect": defect}
        patiently(
            lambda body=body, at=analysis: client.post(
                f"/defects/analyses/{at}/feedback", json=body
            )
        )  # type: ignore[misc]


def disturb(programs: list[Program], every_s: float, stop: threading.Event) -> None:
    turn = 0
    while not stop.wait(every_s):
        programs[turn % len(programs)].kill()
        turn += 1


def wait_for(conn: psycopg.Connection[Any], query: str, what: str) -> None:
    until = time.monotonic() + PATIENCE_S
    with console.status(what):
        while first(conn, query):
            if time.monotonic() > until:
                raise SystemExit(f"{what}: it does not end")
            time.sleep(0.5)


def check(conn: psycopg.Connection[Any], lots: dict[int, dict[str, Any]], mes: Receiver) -> None:
    sent = sum(map(len, lots.values()))
    found = {
        "pictures sent": sent,
        "inspected": first(
            conn, "SELECT count(*) FROM core.batch_picture WHERE state = 'inspected'"
        ),
        "refused (not guessed)": first(
            conn, "SELECT count(*) FROM core.batch_picture WHERE state = 'refused'"
        ),
        "analyses": first(conn, "SELECT count(*) FROM core.analysis"),
        "runs done": first(
            conn, "SELECT count(*) FROM ops.run WHERE kind = 'defect_batch' AND state = 'done'"
        ),
        "events": first(conn, "SELECT count(*) FROM ops.event"),
        "messages": len(mes.came),
        "distinct messages": len({one for one, _ in mes.came}),
        "forged": mes.forged,
        "labels": first(conn, "SELECT count(*) FROM core.feedback"),
    }
    products_right = sum(
        first(
            conn,
            "SELECT count(*) FROM search.batch_pictures WHERE run_id = %s AND place = %s AND product = %s",
            (run, place, product),
        )
        for run, shown in lots.items()
        for place, (product, _) in shown.items()
    )
    for name, value in {**found, "products guessed right": products_right}.items():
        console.print(f"{name:24} {value:>7,}")
    assert found["inspected"] + found["refused (not guessed)"] == sent, "lost"
    assert found["analyses"] == found["inspected"], "doubled"
    assert found["runs done"] == len(lots), "runs"
    assert found["distinct messages"] == found["events"], "webhooks"
    assert found["forged"] == 0, "signatures"
    console.print("nothing lost, nothing doubled, every event delivered")


def programs_of(url: str, mes: Receiver, port: int) -> list[Program]:
    seogo = [sys.executable, "-c", "from jobs.cli import main; main()"]
    env = {**os.environ, "SEOGO_DATABASE_URL": url, "SEOGO_WEBHOOK_HOSTS": mes.host}

    def start(*words: str) -> Callable[[], subprocess.Popen[bytes]]:
        return lambda: subprocess.Popen(
            [*seogo, *words], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    worker = start("worker", "--stages", "defects,webhooks")
    return [Program(worker, []), Program(start("serve", "--port", str(port)), [])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=2000)
    parser.add_argument("--kill-every", type=float, default=20.0, help="seconds")
    given = parser.parse_args()
    chance = random.Random(0)
    with database() as conn, receiving() as mes:
        started = time.monotonic()
        register_vector(conn)
        prepare(conn, read(EncoderSettings))
        (hook,) = fetch(conn, webhooks.set_webhook(name="mes", url=mes.url))
        mes.secret = hook.secret or ""
        port = free_port()
        base = f"http://127.0.0.1:{port}"
        programs = programs_of(conn.info.dsn, mes, port)
        stop = threading.Event()
        try:
            for one in programs:
                one.begin()
            wait_ready(base, programs[1].running[-1])
            console.print(f"prepared in {time.monotonic() - started:.0f} s")
            started = time.monotonic()
            trouble = threading.Thread(target=disturb, args=(programs, given.kill_every, stop))
            trouble.start()
            with httpx.Client(base_url=base, timeout=30) as client:
                lots = send(client, given.pictures, chance)
                wait_for(
                    conn,
                    "SELECT count(*) FROM core.batch_picture WHERE state = 'waiting'",
                    "inspection",
                )
                rows = conn.execute(
                    "SELECT analysis_id, run_id, place FROM core.batch_picture"
                    " WHERE analysis_id IS NOT NULL ORDER BY 1"
                ).fetchall()
                told = {
                    row[0]: lots[row[1]][row[2]][1] for row in rows if chance.random() < LABELLED
                }
                label(client, conn, told)
            wait_for(conn, "SELECT count(*) FROM ops.delivery WHERE state = 'waiting'", "delivery")
            took = time.monotonic() - started
            kills = sum(len(one.running) - 1 for one in programs)
            console.print(f"{given.pictures:,} pictures in {took:.0f} s, {kills} kills")
            check(conn, lots, mes)
        finally:
            stop.set()
            trouble.join()
            for one in programs:
                one.end()


if __name__ == "__main__":
    main()
