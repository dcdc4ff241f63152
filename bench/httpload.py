"""Hybrid search over HTTP: milliseconds per request, split into encoding, SQL, and all the rest.

  python bench/httpload.py                      10,000 items, 1,000 requests of each kind, one by one, then 16
  python bench/httpload.py --items 1000 --requests 100 --workers 2

Items are made of the sample catalogue's sentences, drawn with a fixed seed; each has the vector of a real
text, moved a little, so that nobody waits for 10,000 texts to be encoded. Queries are the catalogue's titles:
`new` ones have a word replaced and are asked once, so that all are encoded; those asked `again` are the
titles themselves, all of which were asked before. The service is `seogo serve` in processes of its own:
words, identifiers and vectors, 10 hits. A request that is refused or degraded counts as failed.

`encode` and `sql` are what the answer says of itself (`timing`); `rest` is what the client measures beyond
them: HTTP, JSON, the client itself on the same cores, and waiting for a turn where many ask at once.

Uses a database of its own, seogo_bench, on the server that SEOGO_DATABASE_URL names (or the embedded one).
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import numpy as np
import psycopg
from pgvector.psycopg import register_vector
from rich.console import Console
from scratchdb import database
from tables import tabled
from vectordb import first, item_ids, load_vectors
from vectorset import Floats, normalized, rounded

from db.calls.query import fetch
from db.items import items as item_sql
from db.items.rows import ItemIn, NewCollection
from db.settings import read
from db.spaces import embedding
from encoders import registry
from encoders.settings import EncoderSettings
from jobs import maintain
from jobs.stages import index

COLLECTION = "bench"
CATALOGUE = Path("examples/parts.jsonl")
AT_ONCE = (1, 16)
KINDS = ("new", "again")
GOAL_P95_MS = 25.0
BATCH = 500
SPREAD = 0.4  # length of what is added to a vector of length 1
PARTS = ("client", "encode", "sql", "rest")
FAIL_S = 60.0
console = Console()


class Answer(NamedTuple):
    """Milliseconds of one request; or why it is no answer."""

    client: float
    encode: float = 0.0
    sql: float = 0.0
    wrong: str | None = None

    @property
    def rest(self) -> float:
        return self.client - self.encode - self.sql


class Measured(NamedTuple):
    """Answers, and the seconds that all of them took together."""

    answers: list[Answer]
    seconds: float


def catalogue() -> list[dict[str, Any]]:
    return [json.loads(line) for line in CATALOGUE.read_text(encoding="utf-8").splitlines()]


def made(rows: Sequence[dict[str, Any]], count: int) -> Iterator[ItemIn]:
    """Items of the catalogue's shape: two to five of its sentences, one of its titles, a number."""
    rng = np.random.default_rng(3)
    sentences = [
        part for row in rows for part in re.split(r"(?<=[.!?]) ", row["fields"]["description"])
    ]
    for at in range(count):
        row = rows[rng.integers(len(rows))]
        drawn = rng.choice(len(sentences), int(rng.integers(2, 6)), replace=False)
        fields = {
            "title": row["fields"]["title"],
            "description": " ".join(sentences[n] for n in drawn),
            "part_number": f"{row['fields'].get('part_number', 'P')}-{at:05d}",
        }
        yield ItemIn(external_id=str(at), fields=fields, metadata=row["metadata"])


def load_items(conn: psycopg.Connection[Any], rows: Sequence[dict[str, Any]], count: int) -> None:
    settings = NewCollection(
        identifier_fields=["part_number"],
        vector_sources={"text": {"item": ["title", "description"]}},
    )
    fetch(conn, item_sql.create_collection(name=COLLECTION, settings=settings))
    given = list(made(rows, count))
    with console.status("items"):
        for start in range(0, count, BATCH):
            fetch(
                conn,
                item_sql.upsert_items(collection=COLLECTION, items=given[start : start + BATCH]),
            )
        maintain.run(conn)


def vectors_for(rows: Sequence[dict[str, Any]], count: int, settings: EncoderSettings) -> Floats:
    """A unit vector per item: that of a text of the catalogue, moved a little."""
    encoder = registry.build(registry.spec(settings.text_encoder), settings.models_path)
    texts = [f"{row['fields']['title']}\n{row['fields']['description']}" for row in rows]
    with console.status("vectors of the catalogue"):
        real = encoder.encode_passages(texts)
    rng = np.random.default_rng(4)
    dim = real.shape[1]
    noise = rng.standard_normal((count, dim), dtype=np.float32) * (SPREAD / np.sqrt(dim))
    return rounded(normalized(real[rng.integers(len(real), size=count)] + noise))


def load(conn: psycopg.Connection[Any], count: int, settings: EncoderSettings) -> None:
    """Items, their vectors and both indexes, as a worker would leave them."""
    register_vector(conn)
    rows = catalogue()
    load_items(conn, rows, count)
    spec = registry.spec(settings.text_encoder)
    space_id = first(
        conn, "SELECT ops.create_space('text', %s, %s, %s)", (spec.name, spec.identity, spec.dim)
    )
    vectors = vectors_for(rows, count, settings)
    load_vectors(conn, space_id, item_ids(conn, COLLECTION), vectors)
    conn.execute("DELETE FROM ops.outbox")
    with console.status("vector index"):
        index.build(conn, fetch(conn, embedding.live_spaces())[0])
    conn.execute("VACUUM ANALYZE")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def service(url: str, workers: int) -> Iterator[str]:
    """The address of a service that is ready."""
    port = free_port()
    command = [Path(sys.executable).with_name("seogo"), "serve", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--workers", str(workers)],
        env={**os.environ, "SEOGO_DATABASE_URL": url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with console.status("service"):
            wait_ready(f"http://127.0.0.1:{port}", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(FAIL_S)


def wait_ready(base: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + FAIL_S
    told = "no answer"
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit("the service ended: run `seogo serve` by hand to see why")
        try:
            answer = httpx.get(f"{base}/ready", timeout=10)
            if answer.status_code == httpx.codes.OK:
                return
            told = answer.text
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise SystemExit(f"the service is not ready after {FAIL_S:.0f} s: {told}")


async def ask(client: httpx.AsyncClient, query: str) -> Answer:
    started = time.perf_counter()
    response = await client.post(f"/collections/{COLLECTION}/search", json={"query": query})
    took = (time.perf_counter() - started) * 1000
    if response.status_code != httpx.codes.OK:
        return Answer(took, wrong=f"{response.status_code} {response.text[:200]}")
    body = response.json()
    if body["degraded"] or not body["hits"]:
        return Answer(took, wrong=f"degraded: {body['degraded']}, {len(body['hits'])} hits")
    return Answer(took, body["timing"]["encode_ms"], body["timing"]["sql_ms"])


def queries_of(kind: str, rng: np.random.Generator, count: int) -> list[str]:
    """Titles; or, for `new`, titles that nobody has asked for yet."""
    rows = catalogue()
    titles = [row["fields"]["title"] for row in rows]
    if kind == "again":
        return list(rng.choice(titles, count))
    words = sorted({word for row in rows for word in row["fields"]["description"].split()})
    made: dict[str, None] = {}
    while len(made) < count:
        title = str(rng.choice(titles)).split()
        title[rng.integers(len(title))] = str(rng.choice(words))
        made[" ".join(title)] = None
    return list(made)


async def measure(base: str, queries: Sequence[str], at_once: int) -> Measured:
    """Ask all queries, so many at a time, after all titles."""
    waiting = iter(queries)
    answers: list[Answer] = []

    async def one_after_another(client: httpx.AsyncClient) -> None:
        for query in waiting:
            answers.append(await ask(client, query))

    limits = httpx.Limits(max_connections=at_once)
    async with httpx.AsyncClient(base_url=base, timeout=FAIL_S, limits=limits) as client:
        for row in catalogue():
            await ask(client, row["fields"]["title"])
        started = time.perf_counter()
        await asyncio.gather(*(one_after_another(client) for _ in range(at_once)))
        return Measured(answers, time.perf_counter() - started)


def figures(measured: Measured) -> dict[str, Any]:
    """How many were answered, how fast, and percentiles of each part."""
    good = [answer for answer in measured.answers if answer.wrong is None]
    if not good:
        raise SystemExit(f"no request was answered: {measured.answers[0].wrong}")
    found: dict[str, Any] = {
        "ok": len(good),
        "asked": len(measured.answers),
        "per_second": round(len(measured.answers) / measured.seconds, 1),
        "wrong": sorted({answer.wrong for answer in measured.answers if answer.wrong}),
    }
    for part in PARTS:
        values = [getattr(answer, part) for answer in good]
        found[part] = np.percentile(values, [50, 95, 99]).round(2).tolist()
    return found


def show(report: dict[str, dict[str, Any]], items: int) -> None:
    table = tabled(f"search over HTTP, {items:,} items, ms", "", "p50", "p95", "p99")
    for name, found in report.items():
        told = f"{name}: {found['ok']} of {found['asked']} ok, {found['per_second']}/s"
        table.add_row(told, *(f"{value:.1f}" for value in found["client"]))
        for part in PARTS[1:]:
            table.add_row(f"    {part}", *(f"{value:.1f}" for value in found[part]))
        for wrong in found["wrong"]:
            console.print(f"{name}: {wrong}", markup=False)
    console.print(table)
    for kind in KINDS:
        p95 = report[f"{AT_ONCE[0]} at once, {kind}"]["client"][1]
        verdict = "met" if p95 <= GOAL_P95_MS else "missed"
        console.print(f"goal: p95 at most {GOAL_P95_MS:g} ms, {kind}: {p95:.1f} ms, {verdict}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=1, help="processes of the service")
    parser.add_argument("--json", type=Path, help="write the figures there")
    args = parser.parse_args()
    found = {}
    with database() as conn:
        load(conn, args.items, read(EncoderSettings))
        with service(conn.info.dsn, args.workers) as base:
            for at_once, kind in itertools.product(AT_ONCE, KINDS):
                queries = queries_of(kind, np.random.default_rng(at_once), args.requests)
                measured = asyncio.run(measure(base, queries, at_once))
                found[f"{at_once} at once, {kind}"] = figures(measured)
    show(found, args.items)
    if args.json:
        args.json.write_text(json.dumps(found, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
