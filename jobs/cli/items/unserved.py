"""Warnings about queues that nothing on this machine serves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db.calls.steps import run
from db.settings import read
from encoders.settings import CaptionSettings, EncoderSettings
from flows.unserved import unserved
from jobs.cli.console import err

if TYPE_CHECKING:
    import psycopg


def warn_unserved(conn: psycopg.Connection[Any]) -> None:
    """Warn of each queue that would wait for ever."""
    for one in run(conn, unserved(read(EncoderSettings), read(CaptionSettings))):
        err.print(f"warning: {one}; {one.todo}", markup=False, highlight=False, soft_wrap=True)
