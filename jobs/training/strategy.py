"""Strategy report: which sources of pairs help which kind of query, by runs of the same length."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from db import connect
from db.calls.query import fetch
from db.evaluation import evals
from db.search import functions
from encoders.runtime.optional import require
from encoders.training import network, probe, trainer
from encoders.training.heads import kinds
from flows.evaluation.compare import Interval, compare
from jobs.errors import JobError
from jobs.types import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from db.settings import DbSettings
    from encoders.training.pairs import TrainingPair
    from encoders.training.probe import Probe
    from encoders.training.settings import TrainSettings

UNTRAINED = "untrained"
ALL = "all sources"
# Letters of a question; the kinds between are not told apart.
SHORT, LONG = 25, 80
# A kind with fewer questions decides nothing.
FEWEST = 10


class NoStrategy(JobError):
    """There is nothing to compare."""


class StrategyCell(msgspec.Struct, frozen=True, kw_only=True):
    """Measure of a strategy on a kind of query, and its difference from the untrained model."""

    value: float
    queries: int
    difference: Interval | None = None


class StrategyRow(msgspec.Struct, frozen=True, kw_only=True):
    """A strategy: its sources, the pairs it learned from, and its cells by kind of query."""

    strategy: str
    pairs: int
    cells: dict[str, StrategyCell]


def strategies(pairs: Sequence[TrainingPair]) -> dict[str, list[TrainingPair]]:
    """Pairs by strategy: each source alone, all, and of three or more all without each.

    Raises:
        NoStrategy: there is one source only.
    """
    sources = list(dict.fromkeys(pair.source or "-" for pair in pairs))
    if len(sources) < 2:
        raise NoStrategy(
            f"all pairs are of one source, {', '.join(sources) or 'none'}",
            "make them of several: seogo pairs make --set … --decisions --titles --references",
        )
    found = {name: [p for p in pairs if (p.source or "-") == name] for name in sources}
    found[ALL] = list(pairs)
    if len(sources) > 2:
        for name in sources:
            found[f"without {name}"] = [p for p in pairs if (p.source or "-") != name]
    return found


def report(
    database: DbSettings,
    chosen: TrainSettings,
    pairs: Sequence[TrainingPair],
    kept: Sequence[TrainingPair],
    *,
    models_path: Path,
    out: Path,
    on_row: Callable[[StrategyRow], None] = silent,
) -> list[StrategyRow]:
    """Train by each strategy, as many steps each, and measure it on the held-out questions by kind.

    The held-out pairs choose nothing here: the last step of each run is measured. Models are not kept. A
    strategy whose result is in `out` is not trained again.

    Raises:
        NoStrategy: all pairs are of one source, or there are no held-out ones.
        EncoderError: as `trainer.prepare`.
    """
    tried = strategies(pairs)
    if not kept:
        raise NoStrategy("questions to measure by must be held out", "give --held-out")
    fixed = msgspec.structs.replace(chosen, measure="loss", patience=0)
    asked = probe.make(kept, pairs, questions=chosen.measured_queries, pool=chosen.measured_pool)
    kinds = _kinds(database, asked, kept)
    base = _untrained(database, chosen, pairs, kept, asked, models_path, out)
    rows = [_row(UNTRAINED, 0, base, base, kinds, chosen.measure)]
    on_row(rows[0])
    for name, learned in tried.items():
        values = _values(database, fixed, name, learned, asked, chosen.measure, models_path, out)
        rows.append(_row(name, len(learned), values, base, kinds, chosen.measure))
        on_row(rows[-1])
    return rows


def _values(
    database: DbSettings,
    fixed: TrainSettings,
    name: str,
    learned: Sequence[TrainingPair],
    asked: Probe,
    measure: str,
    models_path: Path,
    out: Path,
) -> list[float]:
    """Measure of each question after a strategy's run; read again where it was done before."""
    folder = out / name.replace(" ", "-")
    done = folder / "values.json"
    if done.exists():
        return msgspec.json.decode(done.read_bytes(), type=list[float])
    shutil.rmtree(folder, ignore_errors=True)
    made = trainer.fit(fixed, learned, [], models_path=models_path, out=folder)
    values = _each(database, asked, made.model, measure)
    shutil.rmtree(folder / "checkpoints", ignore_errors=True)
    done.write_bytes(msgspec.json.encode(values))
    return values


def _untrained(
    database: DbSettings,
    chosen: TrainSettings,
    pairs: Sequence[TrainingPair],
    kept: Sequence[TrainingPair],
    asked: Probe,
    models_path: Path,
    out: Path,
) -> list[float]:
    """Measure of each question by the base, with new layers over it where the kind needs them."""
    library = require("sentence_transformers", network.EXTRA)
    folder = trainer.start_folder(chosen, models_path, out, pairs, kept)
    model = network.load(library, folder, chosen.max_tokens, "cpu", chosen.kind)
    values = _each(database, asked, model, chosen.measure)
    shutil.rmtree(out / kinds.START, ignore_errors=True)
    return values


def _each(database: DbSettings, asked: Probe, model: Any, measure: str) -> list[float]:
    """The measure of each question, computed in SQL."""
    with connect.session(database) as conn:
        return [
            fetch(
                conn,
                evals.measure_rankings(
                    rankings=[{"found": one.found, "relevant": one.relevant}], measures=[measure]
                ),
            )[0].value
            for one in asked.rank(model)
        ]


def _kinds(
    database: DbSettings, asked: Probe, kept: Sequence[TrainingPair]
) -> dict[str, list[int]]:
    """Numbers of the questions of each kind: by where they are from, their length, and their characters."""
    sources = {pair.query: pair.source or "-" for pair in reversed(kept)}
    found: dict[str, list[int]] = {"all": list(range(len(asked.questions)))}
    with connect.session(database) as conn:
        for at, text in enumerate(asked.questions):
            (kind,) = fetch(conn, functions.query_kind(query=text))
            names = [f"from {sources.get(text, '-')}"]
            names += [kind.kind] * (kind.kind != "text")
            names += ["short"] * (len(text) < SHORT) + ["long"] * (len(text) >= LONG)
            for name in names:
                found.setdefault(name, []).append(at)
    return {name: rows for name, rows in found.items() if name == "all" or len(rows) >= FEWEST}


def _row(
    name: str,
    n: int,
    values: Sequence[float],
    base: Sequence[float],
    kinds: Mapping[str, Sequence[int]],
    measure: str,
) -> StrategyRow:
    cells = {}
    for kind, rows in kinds.items():
        ours, theirs = np.array(values)[rows], np.array(base)[rows]
        difference = None
        if name != UNTRAINED:
            difference = compare(theirs, ours, measure=measure).difference
        cells[kind] = StrategyCell(
            value=float(ours.mean()), queries=len(rows), difference=difference
        )
    return StrategyRow(strategy=name, pairs=n, cells=cells)
