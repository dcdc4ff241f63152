"""Training of an encoder of texts from the command line: checked, measured, recorded."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import msgspec
import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db.settings import DbSettings, read
from encoders.hub import models
from encoders.training import trainer
from encoders.training.settings import TrainSettings
from jobs.cli.console import database, err, out, progress
from jobs.training import curve as curves
from jobs.training import keys, record
from jobs.training import run as job
from jobs.training import strategy as strategies
from jobs.training.measuring import by_database

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from db.operations.training import TrainingStep
    from encoders.settings import EncoderSettings
    from encoders.training.log import LogEntry
    from encoders.training.pairs import TrainingPair
    from jobs.training.record import Step
    from jobs.training.run import Result
    from jobs.training.strategy import StrategyCell

Sides = tuple["list[TrainingPair]", "list[TrainingPair]"]


def train(
    encoders: EncoderSettings,
    pairs: Path | None,
    held_out: Path | None,
    fraction: float | None,
    config: Path | None,
    changed: list[str] | None,
    into: Path,
    *,
    test: bool,
) -> str:
    """Train an encoder of texts; returns the model's folder.

    Whatever can be refused is, before a model library is imported: settings, pairs, packages, the database.
    """
    if pairs is None:
        raise typer.BadParameter("name a file of pairs; seogo pairs make writes one")
    chosen = keys.settings(config, changed or (), test=test)
    left_out: list[int] = []
    sides = job.read_pairs(
        pairs, held_out, 0.05 if fraction is None else fraction, chosen, test=test,
        on_skipped=left_out.append,
    )  # fmt: skip
    trainer.prepare(chosen, *sides, models_path=encoders.models_path, out=into)
    if left_out:
        skipped(left_out[0])
    out.print(f"{len(sides[0]):,} pairs to learn from, {len(sides[1]):,} held out", highlight=False)
    files = [file for file in (pairs, held_out) if file is not None]
    with _recorded(chosen, into, files, sides) as step:
        if step is not None:
            step.leave_out("too few negatives", sum(left_out))
        result = _run(chosen, sides, encoders, into, pairs.name, step)
        if step is not None:
            step.made = [models.revision(result.folder, encoders.models_path)]
            step.facts = job.facts(result)
    for line in job.told(result):
        out.print(line, markup=False, highlight=False)
    (into / "run.html").write_text(curves.render(into), encoding="utf-8")
    return result.folder


def _recorded(
    chosen: TrainSettings, into: Path, files: list[Path], sides: Sides
) -> AbstractContextManager[Step | None]:
    """Record the run, unless its measure is to need no database."""
    if chosen.measure == "loss":
        return nullcontext()
    with database():  # opened, and of this version, before anything is loaded
        settings = read(DbSettings)
    return record.recorded(
        settings, "run", str(into), [record.digest(file) for file in files],
        pairs=len(sides[0]), held_out=len(sides[1]), settings=keys.changed(chosen),
        steps=steps(chosen, len(sides[0])),
    )  # fmt: skip


def _run(
    chosen: TrainSettings,
    sides: Sides,
    encoders: EncoderSettings,
    into: Path,
    name: str,
    step: Step | None,
) -> Result:
    with progress() as bar:
        task = bar.add_task("training", total=steps(chosen, len(sides[0])))

        def on_entry(entry: LogEntry) -> None:
            bar.update(task, description=_told(entry), completed=entry.step)
            if step is not None:
                step.note(entry)

        return job.train(
            chosen, *sides, models_path=encoders.models_path, out=into, on_entry=on_entry,
            about={"pairs file": name}, measure=by_database(read(DbSettings)) if step else None,
        )  # fmt: skip


def show_steps(found: Sequence[TrainingStep]) -> None:
    """Print steps of training as a table."""
    table = Table(box=SIMPLE)
    for column in ("step", "kind", "name", "state", "left out, or why"):
        table.add_column(column, overflow="fold")
    for step in found:
        left = ", ".join(f"{why}: {n:,}" for why, n in step.refused.items())
        why = escape(step.error or left)
        table.add_row(str(step.step_id), step.kind, escape(step.name), step.state, why)
    out.print(table)


def strategy(
    encoders: EncoderSettings,
    pairs: Path,
    held_out: Path,
    into: Path,
    config: Path | None,
    changed: Sequence[str],
) -> None:
    """Train by each strategy, and print the table."""
    chosen = keys.settings(config, changed)
    learned, kept = job.read_pairs(pairs, held_out, 0.0, chosen, on_skipped=skipped)
    strategies.strategies(learned)
    trainer.prepare(chosen, learned, kept, models_path=encoders.models_path, out=into / "checked")
    with database():
        settings = read(DbSettings)
    rows = strategies.report(
        settings, chosen, learned, kept, models_path=encoders.models_path, out=into,
        on_row=lambda row: err.print(f"{row.strategy}: {row.cells['all'].value:.4f}"),
    )  # fmt: skip
    (into / "strategy.json").write_bytes(msgspec.json.format(msgspec.json.encode(rows)))
    table = Table("strategy", box=SIMPLE, title=f"{chosen.measure} on held-out questions, by kind")
    table.add_column("pairs", justify="right")
    for kind, cell in rows[0].cells.items():
        table.add_column(f"{kind}\n{cell.queries:,} questions", justify="right", no_wrap=True)
    for row in rows:
        table.add_row(row.strategy, f"{row.pairs:,}", *map(_cell, row.cells.values()))
    out.print(table)


def _cell(cell: StrategyCell) -> str:
    change = cell.difference
    told = "" if change is None else f"\n{change.mean:+.3f} [{change.low:+.3f} {change.high:+.3f}]"
    return f"{cell.value:.3f}{told}"


def _told(entry: LogEntry) -> str:
    if entry.measures:
        return ", ".join(f"{name} {value:.4f}" for name, value in entry.measures.items())
    loss = entry.loss if entry.loss is not None else entry.held_out_loss
    return f"loss {loss or 0:.4f}"


def skipped(n: int) -> None:
    """Say how many pairs are left out."""
    err.print(f"{n:,} pairs are left out: they have too few negatives", highlight=False)


def steps(chosen: TrainSettings, n: int) -> int:
    """Count the optimiser steps of a run on so many pairs."""
    return chosen.max_steps or max(1, round(chosen.epochs * -(-n // chosen.batch)))
