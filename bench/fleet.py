"""Replicas of a worker on a Ray cluster: does throughput grow with their number, what does the database add.

  python bench/fleet.py                     1, 2, 3 replicas, 20 ms a text, 8 s each
  python bench/fleet.py --replicas 1 4 8 --item-ms 40

Machines are processes of this one (`ray.cluster_utils.Cluster`, a core each); the encoder sleeps over each
text and takes no core, as one on a GPU would. Counted is what the outbox loses while all replicas work.
linear: texts a second over those of one replica and their number; encoder: over those of encoders that sleep
and do nothing else, so that the rest is the database, the claims and the pipeline.

It makes a database `seogo_bench` on the server of SEOGO_DATABASE_URL, or the embedded one, and drops it.
"""

from __future__ import annotations

import argparse
import os
import threading
import time
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.types.json import Jsonb
from rich.console import Console
from rich.table import Table
from scratchdb import database, first

from db import connect
from db.settings import DbSettings
from encoders import registry
from encoders.base import Vectors
from encoders.settings import CaptionSettings, EncoderSettings
from encoders.text.dummy import DummyEncoder
from jobs.fleet import cluster
from jobs.fleet.cluster import MachineShare
from jobs.fleet.fleet import Fleet
from jobs.fleet.replica import ReplicaOrder, WorkerReplica
from jobs.fleet.scaling import Bounds
from jobs.stages.config import PipelineSettings

console = Console()
WAITING = "SELECT count(*) FROM ops.outbox"


class Sleeping(WorkerReplica):
    """Encodes with the encoder of tests, and sleeps over every text for FLEET_ITEM_MS."""

    def __init__(self) -> None:
        super().__init__()
        item_s = int(os.environ["FLEET_ITEM_MS"]) / 1000
        encode = DummyEncoder.encode_passages

        def slowly(self: DummyEncoder, texts: Sequence[str]) -> Vectors:
            vectors = encode(self, texts[:1]).repeat(len(texts), axis=0)
            time.sleep(item_s * len(texts))
            return vectors

        DummyEncoder.encode_passages = slowly  # type: ignore[method-assign]


def rate(conn: psycopg.Connection[Any], ray: Any, replicas: int, seconds: float) -> float:
    """Texts a second of so many replicas, once all of them work."""
    url = connect.url_of(conn)
    settings = PipelineSettings(
        db=DbSettings(database_url=url),
        encoders=EncoderSettings(text_encoder="dummy"),
        captions=CaptionSettings(),
    )
    order = ReplicaOrder(
        environment={
            "SEOGO_DATABASE_URL": url,
            "SEOGO_TEXT_ENCODER": "dummy",
            "SEOGO_WORKER_BATCH_S": "0.5",
        },
        stages=("vectors",),
        threads=1,
    )
    bounds = Bounds(replicas, replicas)
    fleet = Fleet(ray, settings, order, MachineShare(), bounds, replica=Sleeping)
    thread = threading.Thread(target=fleet.run)
    thread.start()
    while sum(1 for m in fleet.members if m.counted) < replicas:
        time.sleep(0.1)
    time.sleep(4.0)  # batches have grown to their size
    before, began = first(conn, WAITING), time.monotonic()
    time.sleep(seconds)
    done, took = before - first(conn, WAITING), time.monotonic() - began
    fleet.request_stop()
    thread.join()
    return float(done / took)


def filled(conn: psycopg.Connection[Any], texts: int) -> None:
    """A collection of short texts that all wait for a vector."""
    spec = registry.spec("dummy")
    made = (spec.name, spec.identity, spec.dim)
    conn.execute("SELECT ops.create_space('text', %s, %s, %s)", made)
    sources = Jsonb({"text": {"item": ["title"]}})
    conn.execute("SELECT ops.create_collection('bench', vector_sources => %s)", (sources,))
    rows = [{"external_id": f"{n}", "fields": {"title": f"text {n}"}} for n in range(texts)]
    conn.execute("SELECT count(*) FROM ops.upsert_items('bench', %s)", (Jsonb(rows),))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--replicas", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--item-ms", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=8.0)
    wish = parser.parse_args()
    os.environ["FLEET_ITEM_MS"] = str(wish.item_ms)
    from ray.cluster_utils import Cluster

    machines = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    for _ in range(max(wish.replicas)):
        machines.add_node(wait=False, num_cpus=1, object_store_memory=cluster.STORE_BYTES)
    machines.wait_for_nodes()
    alone = 1000 / wish.item_ms
    table = Table("replicas", "texts/s", "linear", "encoder")
    try:
        with database() as conn:
            filled(conn, int(alone * sum(wish.replicas) * (wish.seconds + 16)))
            os.environ["SEOGO_DATABASE_URL"] = connect.url_of(conn)
            with cluster.joined(machines.address) as ray:
                of_one = 0.0
                for n in wish.replicas:
                    found = rate(conn, ray, n, wish.seconds)
                    of_one = of_one or found / n
                    parts = (found / n / of_one, found / n / alone)
                    table.add_row(str(n), f"{found:.1f}", *(f"{part:.3f}" for part in parts))
    finally:
        machines.shutdown()
    console.print(table)


if __name__ == "__main__":
    main()
