"""`seogo defects watch`: a folder whose pictures are inspected as they come."""

from __future__ import annotations

import logging
import threading
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from db import logs
from db.errors import ServerUnreachable
from db.settings import read
from encoders.settings import EncoderSettings, GuideSettings
from flows.inspection import AnalyzeIn
from flows.local import Local
from jobs.cli.console import database, err, out
from jobs.cli.defects.batch import build_request
from jobs.cli.outputs import writable_folder
from jobs.cli.signals import stopped_by_signals
from jobs.defects.watch import Looked, Watcher

AGAIN_S = 5.0
log = logging.getLogger("seogo.watch")


def watch(
    folder: Annotated[
        Path,
        typer.Argument(exists=True, file_okay=False, callback=writable_folder, help="Of a camera."),
    ],
    product: Annotated[
        str | None, typer.Option("--product", "-p", help="What they show; otherwise guessed.")
    ] = None,
    view: Annotated[
        str | None, typer.Option(help="From where it is seen; otherwise guessed.")
    ] = None,
    settle: Annotated[
        float,
        typer.Option(
            min=0.1, max=3600, help="Seconds that a file must not change before it is read."
        ),
    ] = 2.0,
    once: Annotated[bool, typer.Option(help="Inspect what is there, and end.")] = False,
) -> None:
    """Inspect the pictures of a folder as they come, each once, then move them to done/ or failed/ in it.

    A file is read when it has come to rest; hidden files, and names as .part and .tmp, are left alone. What
    is no picture is moved to failed/ with the reason beside it, in a file of its name and .txt. Killed and
    started again, it goes on: what was inspected is only moved. Several may watch one folder, on one path. It
    is one run: seogo defects report RUN, search.batch_pictures; each verdict is an event for webhooks.

    For example:  seogo defects watch /srv/camera --product bracket
    """
    request = build_request(product=product, view=view)
    logs.configure()
    stop = threading.Event()
    with stopped_by_signals(stop.set):
        while True:
            try:
                _watch(folder, request, stop, settle, once=once)
                return
            except ServerUnreachable as exc:
                err.print(f"[yellow]{exc}[/]: again in {AGAIN_S:.0f} s", highlight=False)
                if stop.wait(AGAIN_S):
                    return


def _watch(
    folder: Path, request: AnalyzeIn, stop: threading.Event, settle_s: float, *, once: bool
) -> None:
    with (
        database() as conn,
        closing(Local(conn, read(EncoderSettings), read(GuideSettings))) as local,
    ):
        watcher = Watcher(conn, local, folder, request, _say)
        out.print(f"run {watcher.run_id}: {folder}", highlight=False)
        if once:
            watcher.look(stop)
            stop.wait(settle_s)
            watcher.look(stop)
            stop.set()
        watcher.watch(stop, settle_s)


def _say(one: Looked) -> None:
    told = "inspected before, moved now" if one.became == "known" else one.became
    reason = f" ({one.reason})" if one.reason else ""
    if logs.wanted():
        level = logging.WARNING if one.became in ("refused", "stuck") else logging.INFO
        about = logs.fields(picture=one.name, became=one.became)
        log.log(level, "%s: %s%s", one.name, told, reason, extra=about)
        return
    where = err if one.became in ("refused", "stuck") else out
    where.print(f"{one.name}: {told}{reason}", markup=False, highlight=False)
