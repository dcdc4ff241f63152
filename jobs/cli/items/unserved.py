"""Warnings about queues that nothing serves: on this machine, and on shards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db.calls.query import fetch
from db.calls.steps import run
from db.operations.shards import shard_states
from db.settings import read
from encoders.settings import CaptionSettings, EncoderSettings
from flows.unserved import unserved
from jobs.cli.console import err

if TYPE_CHECKING:
    import psycopg

WORKER_THERE = "run `seogo worker` with SEOGO_DATABASE_URL of each; progress: seogo shard state"


def warn_unserved(conn: psycopg.Connection[Any]) -> None:
    """Warn of each queue that would wait for ever, and of each shard where vectors wait and no worker is."""
    for one in run(conn, unserved(read(EncoderSettings), read(CaptionSettings))):
        err.print(f"warning: {one}; {one.todo}", markup=False, highlight=False, soft_wrap=True)
    idle = [one for one in fetch(conn, shard_states()) if one.waiting and not one.workers]
    if idle:
        where = ", ".join(f"{one.waiting:,} on {one.shard}" for one in idle)
        told = f"warning: vectors wait on shards where no worker is: {where}; {WORKER_THERE}"
        err.print(told, markup=False, highlight=False, soft_wrap=True)
