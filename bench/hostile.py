"""One key's searches while ten other readers ask for as much as they can: p95 beside the quiet p95.

  python bench/hostile.py                      10,000 items, 150 searches in each of the two phases
  python bench/hostile.py --items 1000 --requests 60 --readers 10

The readers have four connections each, show keys of their own, wait three seconds for an answer and then
leave and ask again: filters that look at everything, long lists of part numbers, pictures that are small as
files and large as pixels, deep pages with passages and facets, texts to be encoded, bodies that are refused.
The other key asks at most eight times a second, as its rate allows; whatever is not 200 counts as failed, and
so does each `/ready` and `/health` beside it that is not 200 within five seconds.

Goal: p95 at most three times the quiet one, and nothing failed. The readers and the database share the cores
with the service; so does whoever measures.

Uses a database of its own, seogo_bench, on the server that SEOGO_DATABASE_URL names (or the embedded one).
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import io
import json
import multiprocessing
import time
from collections import Counter
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from httpload import COLLECTION, WARM_UP, catalogue, console, load, service
from PIL import Image
from scratchdb import database
from tables import tabled

from db.calls.query import fetch
from db.operations import keys
from db.settings import read
from encoders.settings import EncoderSettings

GOAL = 3.0
PER_SECOND = 8.0
CONNECTIONS = 4
PATIENCE_S = 3.0
PROBE_S = 5.0
NESTED = 'exists($.keyvalue() ? (exists($.** ? (exists($.** ? (exists($.** ? (@ == "x"))))))))'
SEARCH = f"/collections/{COLLECTION}/search"


def picture() -> str:
    file = io.BytesIO()
    Image.new("RGBA", (8000, 8000)).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def costly() -> list[tuple[str, bytes]]:
    """Paths and bodies, made once: the readers must not be what takes the time."""
    numbers = " ".join(f"SN{n * 7:06d}" for n in range(1200))[:10_000]
    deep = {
        "k": 1000,
        "skip": 9000,
        "highlight": True,
        "facets": ["maker", "year"],
        "explain": True,
    }
    many = b'{"query":"x","filter":{"a":[' + b"{}," * 60_000 + b"{}]}}"
    huge = b'{"query":"x","filter":{"a":[' + b"{}," * 1_000_000 + b"{}]}}"
    asked: list[tuple[str, Any]] = [
        (SEARCH, {"query": "pump", "filter": NESTED}),
        (SEARCH, {"query": numbers}),
        (SEARCH, {"query": "pump valve sensor 펌프 밸브", **deep}),
        (SEARCH, {"picture": {"base64": picture()}}),
        (SEARCH, {"query": "pump", "legs": [{"kind": "lexical", "pool_n": 10_000}], **deep}),
        ("/embed", {"texts": ["진공 펌프 소음 " * 80] * 256}),
    ]
    return [(path, json.dumps(body).encode()) for path, body in asked] + [
        (SEARCH, many),
        (SEARCH, huge),
    ]


async def harm(
    base: str,
    token: str,
    first: int,
    asked: list[tuple[str, bytes]],
    stop: Event,
    seen: Counter[str],
) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=PATIENCE_S) as client:

        async def on(at: int) -> None:
            while not stop.is_set():
                path, body = asked[at % len(asked)]
                at += 1
                try:
                    status = (await client.post(path, content=body)).status_code
                except httpx.TransportError as exc:
                    seen[type(exc).__name__] += 1
                    continue
                seen[str(status)] += 1
                if status == httpx.codes.TOO_MANY_REQUESTS:
                    await asyncio.sleep(0.2)

        await asyncio.gather(*(on(first + n) for n in range(CONNECTIONS)))


def hostile(base: str, tokens: list[str], stop: Event, told: Any) -> None:
    """All readers, in a process of their own."""
    seen: Counter[str] = Counter()
    asked = costly()
    told.put("ready")

    async def main() -> None:
        readers = (harm(base, one, n, asked, stop, seen) for n, one in enumerate(tokens))
        await asyncio.gather(*readers)

    asyncio.run(main())
    told.put(seen)


async def probe(base: str, seen: Counter[str]) -> None:
    async with httpx.AsyncClient(base_url=base, timeout=PROBE_S) as client:
        while True:
            for path in ("/ready", "/health"):
                try:
                    status = str((await client.get(path)).status_code)
                except httpx.TransportError as exc:
                    status = type(exc).__name__
                seen[f"{path} {status}"] += 1
            await asyncio.sleep(0.5)


async def measure(
    base: str, token: str, queries: list[str]
) -> tuple[list[list[float]], Counter[str]]:
    """Milliseconds of each search: all, encoding, SQL; and what was answered."""
    seen: Counter[str] = Counter()
    took = []
    headers = {"Authorization": f"Bearer {token}"}
    probing = asyncio.create_task(probe(base, seen))
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=60) as client:
        for query in queries:
            started = time.perf_counter()
            answer = await client.post(SEARCH, json={"query": query})
            seconds = time.perf_counter() - started
            timing = answer.json().get("timing", {})
            parts = [timing.get("encode_ms", 0.0), timing.get("sql_ms", 0.0)]
            took.append([seconds * 1000, *parts])
            seen[f"search {answer.status_code}"] += 1
            if answer.status_code != httpx.codes.OK:
                console.print(answer.text, markup=False)
            await asyncio.sleep(max(0.0, 1 / PER_SECOND - seconds))
    probing.cancel()
    return took[WARM_UP:], seen


def made_key(conn: Any, name: str) -> str:
    token = keys.new_token()
    made = {"prefix": token.prefix, "digest": token.digest}
    fetch(conn, keys.create_key(name=name, scope="reader", **made))
    return str(token)


def measured(base: str, conn: Any, args: argparse.Namespace) -> dict[str, Any]:
    titles = [row["fields"]["title"] for row in catalogue()]
    asked = np.random.default_rng(5).choice(titles, args.requests + WARM_UP).tolist()
    mine = made_key(conn, "other")
    tokens = [made_key(conn, f"hostile {n}") for n in range(args.readers)]
    quiet, quiet_seen = asyncio.run(measure(base, mine, asked))
    context = multiprocessing.get_context("spawn")
    stop, told = context.Event(), context.Queue()
    readers = context.Process(target=hostile, args=(base, tokens, stop, told))
    readers.start()
    told.get(timeout=60)
    time.sleep(args.before)
    try:
        loud, loud_seen = asyncio.run(measure(base, mine, asked))
    finally:
        stop.set()
        seen = told.get(timeout=60)
        readers.join()
    return {
        "quiet_ms": np.percentile(quiet, [50, 95, 99], axis=0).round(1).T.tolist(),
        "hostile_ms": np.percentile(loud, [50, 95, 99], axis=0).round(1).T.tolist(),
        "quiet": dict(quiet_seen),
        "hostile": dict(loud_seen),
        "readers": dict(seen),
    }


def show(found: dict[str, Any]) -> None:
    table = tabled("another key's searches, ms", "", "p50", "p95", "p99")
    for name in ("quiet", "hostile"):
        for part, values in zip(("", "encode", "sql"), found[f"{name}_ms"], strict=True):
            table.add_row(f"{name} {part}", *(f"{value:.1f}" for value in values))
    console.print(table)
    for name in ("quiet", "hostile", "readers"):
        console.print(f"{name}: {found[name]}", markup=False, highlight=False)
    ratio = found["hostile_ms"][0][1] / found["quiet_ms"][0][1]
    failed = sum(n for what, n in found["hostile"].items() if not what.endswith(" 200"))
    verdict = "met" if ratio <= GOAL and not failed else "missed"
    console.print(
        f"goal: p95 at most {GOAL:g} times: {ratio:.2f} times, {failed} failed, {verdict}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--requests", type=int, default=150)
    parser.add_argument("--readers", type=int, default=10)
    parser.add_argument("--before", type=float, default=5.0, help="seconds they have before")
    parser.add_argument("--json", type=Path, help="write the figures there")
    args = parser.parse_args()
    with database() as conn:
        load(conn, args.items, read(EncoderSettings))
        with service(conn.info.dsn, 1) as base:
            found = measured(base, conn, args)
    show(found)
    if args.json:
        args.json.write_text(json.dumps(found, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
