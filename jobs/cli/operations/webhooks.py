"""`seogo webhooks`: URLs that events are posted to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db.calls.query import fetch
from db.errors import BadRequest
from db.operations import webhooks
from db.operations.webhooks import DeliveryState
from jobs.cli.console import database, err, out
from jobs.cli.values import finite

app = typer.Typer(
    no_args_is_help=True,
    help="Webhooks: verdicts, ends of runs, failed jobs and drift, posted to programs of yours.\n\n"
    "Each message is signed as Standard Webhooks are, and sent by `seogo worker` until it is answered with"
    " 2xx, at least once: drop a `webhook-id` that you have had. What fails for five hours is a dead letter,"
    " kept until you replay it.\n\n"
    "A first one:  seogo webhooks set mes https://mes.example/hook --kind analysis.judged;  "
    "seogo webhooks test mes;  seogo worker --once;  seogo webhooks deliveries mes",
)
Name = Annotated[str, typer.Argument(help="Its name: letters, digits, - and _.")]


@app.command("set")
def set_(
    name: Name,
    url: Annotated[str, typer.Argument(help="Where to post: http:// or https://.")],
    kind: Annotated[
        list[str] | None,
        typer.Option(
            "--kind",
            "-k",
            help="Only such events, such as analysis.judged; repeatable. Default: all.",
        ),
    ] = None,
    filter_: Annotated[
        str,
        typer.Option("--filter", help='Only events whose data contain it: {"product": "plate"}.'),
    ] = "{}",
) -> None:
    """Make a webhook, or change it. The secret of a new one is shown once: nobody can read it back.

    A receiver without a public address must be named to the worker: SEOGO_WEBHOOK_HOSTS="mes.local:8080".
    """
    try:
        wanted = msgspec.json.decode(filter_, type=dict)
    except msgspec.DecodeError as exc:
        raise BadRequest(
            f"--filter: {exc}", 'write a JSON object: {"verdict": "defect", "product": "plate"}'
        ) from exc
    with database() as conn:
        (made,) = fetch(conn, webhooks.set_webhook(name=name, url=url, kinds=kind, filter=wanted))
    if made.secret is None:
        out.print(f"webhook {escape(name)} changed; its secret stays", highlight=False)
    else:
        _show(made.secret)


@app.command("list")
def list_() -> None:
    """List webhooks, with what waits for each and what was given up."""
    table = Table(
        "name", "URL", "kinds", "filter", "waiting", "dead", "delivered", "error", box=SIMPLE
    )
    with database() as conn:
        for row in fetch(conn, webhooks.webhooks()):
            kinds = "all" if row.kinds is None else ", ".join(row.kinds)
            name = f"{row.webhook} (paused)" if row.paused else row.webhook
            asked = msgspec.json.encode(row.filter).decode() if row.filter else ""
            cells = (name, row.url, kinds, asked, str(row.waiting), str(row.dead))
            table.add_row(*map(escape, (*cells, _moment(row.delivered_at), row.error or "")))
    out.print(table)


@app.command()
def deliveries(
    name: Annotated[str | None, typer.Argument(help="Of which webhook. Default: all.")] = None,
    state: Annotated[
        DeliveryState | None, typer.Option(help="waiting, delivered, or dead: given up.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Rows.")] = 20,
) -> None:
    """List what was sent, waits, or was given up, the latest first."""
    columns = ("event", "kind", "webhook", "state", "attempts", "answer", "next attempt", "error")
    table = Table(*columns, box=SIMPLE)
    with database() as conn:
        for row in fetch(conn, webhooks.deliveries(webhook=name, state=state, limit=limit)):
            answer = "" if row.status is None else str(row.status)
            cells = (str(row.event_id), row.kind, row.webhook, row.state, str(row.attempts), answer)
            table.add_row(*map(escape, (*cells, _moment(row.next_attempt_at), row.error or "")))
    out.print(table)


@app.command()
def replay(
    name: Name,
    event: Annotated[
        int | None, typer.Option(min=1, help="This event, whatever became of it.")
    ] = None,
    hours: Annotated[
        float | None,
        typer.Option(
            min=0, max=87_600, callback=finite, help="All events of so many hours that it asks for."
        ),
    ] = None,
) -> None:
    """Send dead letters again; or one event; or all of the last hours, also from before the webhook."""
    if event is not None and hours is not None:
        raise BadRequest("--event and --hours exclude each other", "give one of them, or none")
    since = None if hours is None else datetime.now(UTC) - timedelta(hours=hours)
    with database() as conn:
        query = webhooks.replay(name=name, event_id=event, since=since)
        out.print(f"{fetch(conn, query)[0].n} events are sent again")


@app.command()
def test(name: Name) -> None:
    """Queue an event of the kind `test`; `seogo webhooks deliveries` shows what became of it."""
    with database() as conn:
        (event,) = fetch(conn, webhooks.test_webhook(name=name))
    out.print(f"event {event.id} waits for a worker (seogo worker)")


@app.command()
def rotate(
    name: Name,
    grace_hours: Annotated[
        float,
        typer.Option(min=0, max=87_600, callback=finite, help="The old secret signs on so long."),
    ] = 24,
) -> None:
    """Make a new secret; messages carry the signatures of both until the grace period is over."""
    with database() as conn:
        query = webhooks.rotate_secret(name=name, grace=timedelta(hours=grace_hours))
        _show(fetch(conn, query)[0].secret or "")


@app.command()
def pause(name: Name) -> None:
    """Send nothing for now; what happens meanwhile waits."""
    _pause(name, paused=True)


@app.command()
def resume(name: Name) -> None:
    """Send what waits, and go on."""
    _pause(name, paused=False)


@app.command()
def remove(name: Name) -> None:
    """Delete a webhook, with its secrets and all that waits for it."""
    with database() as conn:
        (waited,) = fetch(conn, webhooks.delete_webhook(name=name))
    out.print(f"webhook {escape(name)} removed; {waited.n} events waited for it", highlight=False)


def _pause(name: str, *, paused: bool) -> None:
    with database() as conn:
        fetch(conn, webhooks.pause_webhook(name=name, paused=paused))
    out.print(f"webhook {escape(name)} {'paused' if paused else 'goes on'}", highlight=False)


def _show(secret: str) -> None:
    typer.echo(secret)
    err.print("Keep it now: it is not shown again. The receiver checks signatures with it.")


def _moment(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone():%Y-%m-%d %H:%M:%S}"
