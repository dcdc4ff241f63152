"""`seogo train`: an encoder of texts trained further, exported, and put into service."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from db.settings import read
from encoders.settings import EncoderSettings
from jobs.cli.console import database, err, out, progress
from jobs.cli.outputs import writable_file, writable_folder
from jobs.cli.values import finite
from jobs.training import curve as curves
from jobs.training import run as job

if TYPE_CHECKING:
    from encoders.training.log import LogEntry
    from encoders.training.settings import TrainSettings

app = typer.Typer(
    no_args_is_help=True,
    help="Train an encoder of texts on pairs, and serve with it.\n\n"
    "seogo pairs make …;  seogo train run pairs.jsonl --held-out held.jsonl --out runs/1 --activate",
)
SET_HELP = "KEY=VALUE over the configuration, repeatable: --set batch=64 --set lora_rank=16."


@app.command()
def run(
    pairs: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A file of pairs.")],
    into: Annotated[
        Path,
        typer.Option(
            "--out", callback=writable_folder, help="Folder of the run; again, it goes on."
        ),
    ],
    held_out: Annotated[
        Path | None, typer.Option(exists=True, help="Pairs of other documents, to measure by.")
    ] = None,
    fraction: Annotated[
        float,
        typer.Option(
            min=0.0, max=0.5, callback=finite, help="Of documents held out, without such a file."
        ),
    ] = 0.05,
    config: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Settings as TOML or JSON.")
    ] = None,
    changed: Annotated[list[str] | None, typer.Option("--set", help=SET_HELP)] = None,
    test_run: Annotated[
        bool,
        typer.Option("--test-run", help="A few steps on a few pairs: does it all fit together?"),
    ] = False,
    activate: Annotated[
        bool,
        typer.Option("--activate", help="Then re-embed, judge, and switch if it is not worse."),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Switch without a judgment, or against it; recorded.")
    ] = False,
    space: Annotated[str, typer.Option(help="The vector space to activate it in.")] = "text",
) -> None:
    """Train, export the model with card and checksums, and with --activate serve with it.

    Ctrl-C or a crash loses nothing since the last checkpoint: run the same command again.
    """
    chosen = job.settings(config, changed or (), test=test_run)
    learned, kept = job.read_pairs(
        pairs, held_out, fraction, chosen, test=test_run, on_skipped=skipped
    )
    out.print(f"{len(learned):,} pairs to learn from, {len(kept):,} held out", highlight=False)
    encoders = read(EncoderSettings)
    with progress() as bar:
        task = bar.add_task("training", total=None)

        def on_entry(entry: LogEntry) -> None:
            loss = entry.loss if entry.loss is not None else entry.held_out_loss
            total = _steps(chosen, len(learned))
            bar.update(task, description=f"loss {loss:.4f}", completed=entry.step, total=total)

        result = job.train(
            chosen, learned, kept, models_path=encoders.models_path, out=into, on_entry=on_entry,
            about={"pairs file": pairs.name},
        )  # fmt: skip
    loss = "" if result.held_out_loss is None else f", held-out loss {result.held_out_loss:.4f}"
    out.print(f"{result.steps:,} steps, {result.weights:,} numbers trained{loss}", highlight=False)
    out.print(f"encoder file:{result.folder}", highlight=False, soft_wrap=True)
    (into / "run.html").write_text(curves.render(into), encoding="utf-8")
    if activate:
        _activate(encoders, result.folder, space, force=force)


def skipped(n: int) -> None:
    """Say how many pairs are left out."""
    err.print(f"{n:,} pairs are left out: they have too few negatives", highlight=False)


@app.command()
def activate(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="A trained model.")],
    space: Annotated[str, typer.Option(help="The vector space.")] = "text",
    force: Annotated[bool, typer.Option("--force", help="Without a favourable judgment.")] = False,
) -> None:
    """Build a generation with a trained model, judge it, and switch to it if it is not worse."""
    _activate(read(EncoderSettings), str(folder.resolve()), space, force=force)


@app.command()
def curve(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Folder of a run.")],
    html: Annotated[Path, typer.Option(callback=writable_file, help="The file to write.")] = Path(
        "run.html"
    ),
) -> None:
    """Draw the losses of a run, finished or not, as one HTML file."""
    html.write_text(curves.render(folder), encoding="utf-8")
    out.print(str(html), markup=False, highlight=False)


def _activate(encoders: EncoderSettings, folder: str, space: str, *, force: bool) -> None:
    with database() as conn, progress() as bar:
        task = bar.add_task("", total=None)
        done = job.activate(
            conn, encoders, folder, space=space, force=force,
            tell=lambda what, n, of: bar.update(task, description=what, completed=n, total=of or None),
        )  # fmt: skip
    for one in done.verdict.compared:
        out.print(str(one), markup=False, highlight=False)
    out.print(f"judgment: {done.verdict.reason}", markup=False, highlight=False)
    out.print(f"{done.after.pinned} is live; back: seogo reembed rollback --space {space}")


def _steps(chosen: TrainSettings, n: int) -> int:
    return chosen.max_steps or max(1, round(chosen.epochs * -(-n // chosen.batch)))
