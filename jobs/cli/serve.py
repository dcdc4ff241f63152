"""`seogo serve`: run the HTTP service."""

from __future__ import annotations

import os
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from db import logs
from db.errors import ServerUnreachable
from jobs.cli.console import database, err, out
from jobs.ports import reserved


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Processes; each loads the model once.")] = 1,
) -> None:
    """Serve the HTTP API and the page, with interactive documentation under /docs."""
    from granian import Granian
    from granian.constants import Interfaces

    from jobs.cli import connections

    logs.configure()
    with reserved(host, port), TemporaryDirectory(prefix="seogo-meters-") as folder:
        out.print("starting: the database, then the service …")
        _look_at_the_database()
        shown = f"[{host}]" if ":" in host else host
        out.print(
            f"http://{shown}:{port}/   API: http://{shown}:{port}/docs   Ctrl-C stops",
            highlight=False,
            markup=False,
        )
        if workers > 1:  # whichever of them is asked for /metrics tells what all have counted
            os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", folder)
        Granian(
            "service.app:create_app",
            factory=True,
            interface=Interfaces.ASGI,
            address=host,
            port=port,
            workers=workers,
            # A process that is killed is replaced; two deaths within seconds end the service.
            respawn_failed_workers=True,
            **connections.options(),
            log_dictconfig=logs.GRANIAN,
            # The factory is found by name: nothing here imports the service.
        ).serve()


def _look_at_the_database() -> None:
    """Fail here, in clear words, rather than in every process; but a server that is down may come back."""
    try:
        with database():
            pass
    except ServerUnreachable as exc:
        err.print(f"warning: {exc}", highlight=False, markup=False)
        err.print("searches are answered 503 until it answers; /ready tells", highlight=False)
