"""`seogo serve`."""

from __future__ import annotations

import os
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from jobs.cli.console import database, out


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Processes; each loads the model once.")] = 1,
) -> None:
    """Serve the HTTP API and the page, with interactive documentation under /docs."""
    from granian import Granian
    from granian.constants import Interfaces

    from jobs.cli import connections

    with database():  # fails here, with a clear message, rather than in every worker
        pass
    out.print(
        f"http://{host}:{port}/   API: http://{host}:{port}/docs   Ctrl-C stops", highlight=False
    )
    with TemporaryDirectory(prefix="seogo-meters-") as folder:
        if workers > 1:  # whichever of them is asked for /metrics tells what all have counted
            os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", folder)
        Granian(
            "service.app:create_app",
            factory=True,
            interface=Interfaces.ASGI,
            address=host,
            port=port,
            workers=workers,
            **connections.options(),
            # The factory is found by name: nothing here imports the service.
        ).serve()
