"""The command `seogo`: parses, calls a job, shows what came of it."""

from __future__ import annotations

import sys

import typer
from rich.markup import escape

from db.errors import SeogoDbError
from encoders.errors import EncoderError
from jobs.cli import (
    backup,
    collection,
    database,
    defects,
    demo,
    doctor,
    embed,
    failed,
    ingest,
    judge,
    keys,
    legal,
    maintain,
    models,
    pairs,
    pictures,
    reembed,
    rerank,
    schedule,
    search,
    serve,
    sweep,
    train,
    tune,
    vectors,
    worker,
)
from jobs.cli import eval as evaluation
from jobs.cli.console import err
from jobs.errors import JobError

app = typer.Typer(
    name="seogo",
    help="Search inside PostgreSQL: words, part numbers and meaning, in one SQL statement.\n\n"
    "Without SEOGO_DATABASE_URL an embedded PostgreSQL is started and kept under SEOGO_HOME.\n\n"
    "A first session:  seogo examples;  "
    "seogo ingest examples/parts.jsonl --collection parts --recipe parts;  "
    'seogo search "진공 펌프" --collection parts;  seogo serve',
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.add_typer(database.app, name="db")
app.add_typer(collection.app, name="collection")
app.add_typer(models.app, name="models")
app.add_typer(pictures.app, name="pictures")
app.add_typer(defects.app, name="defects")
app.add_typer(keys.app, name="keys")
app.add_typer(evaluation.app, name="eval")
app.add_typer(judge.app, name="judge")
app.add_typer(failed.app, name="failed")
app.add_typer(reembed.app, name="reembed")
app.add_typer(rerank.app, name="rerank")
app.add_typer(schedule.app, name="schedule")
app.add_typer(backup.app, name="backup")
app.add_typer(legal.app, name="legal")
app.add_typer(pairs.app, name="pairs")
app.add_typer(train.app, name="train")
app.add_typer(sweep.app, name="sweep")
app.command("ingest")(ingest.ingest)
app.command("embed")(embed.embed)
app.command("embed-text")(vectors.embed_text)
app.command("export-vectors")(vectors.export_vectors)
app.command("worker")(worker.worker)
app.command("search")(search.search)
app.command("maintain")(maintain.maintain)
app.command("tune")(tune.tune)
app.command("decisions")(tune.decisions)
app.command("demo")(demo.demo)
app.command("examples")(demo.examples)
app.command("doctor")(doctor.doctor)
app.command("serve")(serve.serve)


def main() -> None:
    """Run the command line; errors that a user can mend become two lines, not a traceback."""
    try:
        app()
    except (SeogoDbError, JobError, EncoderError) as exc:
        err.print(f"[bold red]error:[/] {escape(str(exc))}", highlight=False)
        if hint := getattr(exc, "hint", None):
            err.print(f"[cyan]hint:[/]  {escape(hint)}", highlight=False)
        sys.exit(1)
    except KeyboardInterrupt:
        err.print("stopped")
        sys.exit(130)
