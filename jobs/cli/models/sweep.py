"""`seogo sweep`: search for the best training settings."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from db import connect
from db.settings import DbSettings, read
from encoders.settings import EncoderSettings
from encoders.training import trainer
from jobs.cli.console import database, out
from jobs.cli.models.texts import skipped
from jobs.cli.models.train import SET_HELP
from jobs.cli.outputs import writable_file, writable_folder
from jobs.cli.values import finite
from jobs.sweeps import choices as choosing
from jobs.sweeps import report as reports
from jobs.sweeps import sweep as job
from jobs.sweeps.study import StudyPlan
from jobs.training import run as training

if TYPE_CHECKING:
    from jobs.sweeps.study import Trial

app = typer.Typer(
    no_args_is_help=True,
    help="Try training settings, keep every trial in the database, tell the best.\n\n"
    "seogo sweep run pairs.jsonl --held-out held.jsonl --try space.toml --trials 20 --out runs/sweep",
)


class Sampler(StrEnum):
    """Samplers of a sweep."""

    tpe = "tpe"
    random = "random"
    grid = "grid"


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
    trials: Annotated[int, typer.Option(min=1, help="How many more, at most.")] = 10,
    sampler: Annotated[
        Sampler,
        typer.Option(
            help="tpe learns from the trials before; random; grid: every combination of lists, once."
        ),
    ] = Sampler.tpe,
    prune: Annotated[
        bool,
        typer.Option("--prune", help="Stop trials that are below the median of the others."),
    ] = False,
    minutes: Annotated[
        float | None,
        typer.Option(min=0.1, callback=finite, help="Time window: no trial begins after so many."),
    ] = None,
    processes: Annotated[
        int, typer.Option(min=1, max=64, help="Trials at a time; each has its share of the cores.")
    ] = 1,
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
    """Run trials; the best step of each is judged by nDCG@10 among the held-out passages (measure).

    Ctrl-C keeps the trials that are done, failed ones with their reason; run again, it goes on from them,
    and a trial whose process died is tried once more.

    For example:  seogo sweep run pairs.jsonl --held-out held.jsonl --try space.toml --trials 20 --prune
    --minutes 480 --processes 2 --out runs/sweep
    """
    given = choosing.choices(tried)
    chosen = choosing.check_choices(given, config, changed or (), test=test_run)
    if sampler is Sampler.grid:
        choosing.grid(given)
    learned, kept = training.read_pairs(
        pairs, held_out, fraction, chosen, test=test_run, on_skipped=skipped
    )
    encoders = read(EncoderSettings)
    trainer.prepare(chosen, learned, kept, models_path=encoders.models_path, out=into / "checked")
    with database():
        settings = read(DbSettings)
        url = connect.database_url(settings)
    task = job.SweepTask(
        settings, StudyPlan(url, name, sampler.value, prune), given, learned, kept, config,
        changed or (), encoders.models_path, into, test_run,
    )  # fmt: skip
    best = job.run(task, trials=trials, minutes=minutes, processes=processes, on_trial=_show)
    out.print("best:", end=" ")
    _show(best)
    trials_, mattered = reports.report(url, name)
    out.print(job.summary(trials_), markup=False, highlight=False)
    _mattered(mattered)


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
    trials, mattered = reports.report(url, name)
    html.write_text(reports.render(name, trials, mattered), encoding="utf-8")
    out.print(job.summary(trials), markup=False, highlight=False)
    _mattered(mattered)
    out.print(str(html), markup=False, highlight=False)


def _mattered(found: dict[str, float]) -> None:
    if found:
        told = ", ".join(f"{key} {share:.2f}" for key, share in found.items())
        out.print(f"what mattered (share): {told}", highlight=False)


def _show(trial: Trial) -> None:
    value = "–" if trial.value is None else f"{trial.value:.4f}"
    params = ", ".join(f"{key}={value}" for key, value in trial.params.items())
    error = f"  {trial.error}" if trial.error else ""
    out.print(
        f"trial {trial.number}: {value} {trial.state}  {params}{error}",
        markup=False,
        highlight=False,
    )
