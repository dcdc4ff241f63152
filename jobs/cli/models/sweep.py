"""`seogo sweep`: search for the best training settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from db import connect
from db.settings import DbSettings, read
from encoders.settings import EncoderSettings
from jobs.cli.console import database, out
from jobs.cli.models.texts import skipped
from jobs.cli.models.train import SET_HELP
from jobs.cli.outputs import writable_file, writable_folder
from jobs.cli.values import finite
from jobs.training import run as training
from jobs.training import sweep as job

if TYPE_CHECKING:
    from jobs.training.sweep import Trial

app = typer.Typer(
    no_args_is_help=True,
    help="Try training settings, keep every trial in the database, tell the best.\n\n"
    "seogo sweep run pairs.jsonl --held-out held.jsonl --try space.toml --trials 20 --out runs/sweep",
)
Name = Annotated[str, typer.Option(help="Of the sweep; an old one goes on.")]


@app.command()
def run(
    pairs: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A file of pairs.")],
    tried: Annotated[
        Path,
        typer.Option(
            "--try",
            exists=True,
            help="TOML or JSON: settings with a list of values, or {low, high, log, kind}.",
        ),
    ],
    into: Annotated[
        Path, typer.Option("--out", callback=writable_folder, help="Folder of the logs.")
    ],
    name: Name = "sweep",
    trials: Annotated[int, typer.Option(min=1, help="How many more.")] = 10,
    held_out: Annotated[
        Path | None, typer.Option(exists=True, help="Pairs of other documents, to choose by.")
    ] = None,
    fraction: Annotated[
        float,
        typer.Option(
            min=0.0, max=0.5, callback=finite, help="Of documents held out, without such a file."
        ),
    ] = 0.1,
    config: Annotated[Path | None, typer.Option(exists=True, help="Other settings.")] = None,
    changed: Annotated[list[str] | None, typer.Option("--set", help=SET_HELP)] = None,
    test_run: Annotated[bool, typer.Option("--test-run", help="A few steps each.")] = False,
) -> None:
    """Run trials; the measure is the reciprocal rank of answers among the held-out passages.

    Ctrl-C keeps the trials that are done; run again, it goes on from them.
    """
    given = job.choices(tried)
    chosen = job.check_choices(given, config, changed or (), test=test_run)
    learned, kept = training.read_pairs(
        pairs, held_out, fraction, chosen, test=test_run, on_skipped=skipped
    )
    with database():
        url = connect.database_url(read(DbSettings))
    best = job.run(
        url, name, given, learned, kept, config=config, overrides=changed or (), trials=trials,
        models_path=read(EncoderSettings).models_path, out=into, test=test_run, on_trial=_show,
    )  # fmt: skip
    out.print("best:", end=" ")
    _show(best)


@app.command()
def report(
    name: Name = "sweep",
    html: Annotated[Path, typer.Option(callback=writable_file, help="The file to write.")] = Path(
        "sweep.html"
    ),
) -> None:
    """Write the trials of a sweep as one HTML file, the best first."""
    with database():
        url = connect.database_url(read(DbSettings))
    html.write_text(job.render(name, job.report(url, name)), encoding="utf-8")
    out.print(str(html), markup=False, highlight=False)


def _show(trial: Trial) -> None:
    value = "–" if trial.value is None else f"{trial.value:.4f}"
    params = ", ".join(f"{key}={value}" for key, value in trial.params.items())
    out.print(f"trial {trial.number}: {value} {trial.state}  {params}", highlight=False)
