"""Hyperparameter sweeps with Optuna, stored in the database: samplers, pruning, several processes."""

from __future__ import annotations

import math
import multiprocessing
import shutil
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from encoders.errors import EncoderError
from encoders.runtime import device
from encoders.training import runfolder, trainer
from jobs.errors import JobError
from jobs.sweeps.choices import Choices, as_json, drawn, grid
from jobs.sweeps.study import Study, StudyPlan, Trial, finished, opened, pruned, trial_of
from jobs.training.keys import settings
from jobs.training.measuring import by_database
from jobs.types import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from db.settings import DbSettings
    from encoders.training.log import LogEntry
    from encoders.training.pairs import TrainingPair

_POLL_SECONDS = 1.0


class NoSweep(JobError):
    """There is no sweep of that name, or it has no finished trial."""


class SweepTask(NamedTuple):
    """Task of every process of a sweep; picklable.

    Attributes:
        database: where trials are kept and rankings measured.
        plan: name, sampler and pruning of the study.
        given: settings that are tried.
        learned: pairs to learn from.
        kept: held-out pairs, to choose by.
        config: file of the settings around those that are tried, None: the defaults.
        overrides: settings over that file.
        models_path: the model cache.
        out: folder of the trials' logs.
        test: a few steps each.
    """

    database: DbSettings
    plan: StudyPlan
    given: Choices
    learned: Sequence[TrainingPair]
    kept: Sequence[TrainingPair]
    config: Path | None
    overrides: Sequence[str]
    models_path: Path
    out: Path
    test: bool = False


def run(
    task: SweepTask,
    *,
    trials: int,
    minutes: float | None = None,
    processes: int = 1,
    on_trial: Callable[[Trial], None] = silent,
) -> Trial:
    """Run trials, continuing a sweep of that name; returns the best trial.

    Models of trials are not kept, only their logs: train the best settings again, and longer. A trial that
    fails keeps its reason, and the sweep goes on; one whose process died is tried again.

    Args:
        task: what is tried on what.
        trials: how many more, at most.
        minutes: no trial begins after so many; None: no limit.
        processes: trials at a time, each with its share of the cores.
        on_trial: told each trial when it is over.

    Raises:
        EncoderNotInstalled: a package of the extra `train` is absent.
        BadTrainSettings: a setting that is tried is unknown, or a value wrong.
        NoSweep: there are no held-out pairs, or no trial came to its end.
    """
    if not task.kept:
        raise NoSweep("a sweep needs held-out pairs to choose by", "give --held-out or --fraction")
    study = opened(task.plan, task.given)
    before = {trial.number for trial in finished(study)}
    total = len(before) + trials
    if task.plan.sampler == "grid":  # every combination once
        total = min(total, math.prod(map(len, grid(task.given).values())))
    until = None if minutes is None else time.time() + 60 * minutes
    if processes == 1:
        _work(task, total, until, on_trial=on_trial)
    else:
        _spread(task, total, until, processes, before, on_trial)
    return best(task.plan.name, finished(study))


def best(name: str, trials: Sequence[Trial]) -> Trial:
    """Best of the trials that came to their end.

    Raises:
        NoSweep: none did; the first reason is told.
    """
    done = [trial for trial in trials if trial.value is not None and trial.state == "complete"]
    if not done:
        why = next((f": trial {t.number}: {t.error}" for t in trials if t.error), "")
        raise NoSweep(
            f"no trial of {name} came to its end{why}", "change what is tried, then again"
        )
    return max(done, key=lambda trial: (trial.value or 0.0, -trial.number))


def _spread(
    task: SweepTask,
    total: int,
    until: float | None,
    processes: int,
    told: set[int],
    on_trial: Callable[[Trial], None],
) -> None:
    """Work in several processes, and tell their trials as they end."""
    threads = max(1, device.cores() // processes)
    shared = task._replace(overrides=[f"threads={threads}", *task.overrides])
    context = multiprocessing.get_context("spawn")  # threads of libraries do not survive a fork
    workers = [
        context.Process(target=_work, args=(shared, total, until), daemon=True)
        for _ in range(processes)
    ]
    for worker in workers:
        worker.start()
    study = opened(task.plan, task.given)
    while True:
        alive = any(worker.is_alive() for worker in workers)
        for trial in finished(study):
            if trial.number not in told:
                told.add(trial.number)
                on_trial(trial)
        if not alive:
            return
        time.sleep(_POLL_SECONDS)


def _work(
    task: SweepTask,
    total: int,
    until: float | None,
    on_trial: Callable[[Trial], None] = silent,
) -> None:
    """Run trials in this process until there are as many in all, or the time is over."""
    study: Study = opened(task.plan, task.given)

    def tell(_study: Study, frozen: Any) -> None:
        on_trial(trial_of(frozen))

    # One by one: those that other processes are at count as well.
    while len(study.get_trials(deepcopy=False)) < total and (until is None or time.time() < until):
        study.optimize(
            lambda trial: _value(task, trial), n_trials=1, callbacks=[tell], catch=(Exception,)
        )


def _value(task: SweepTask, trial: Any) -> float:
    """Train with the settings of a trial; the measure of the step that is kept."""
    tried = [f"{key}={as_json(drawn(trial, key, one))}" for key, one in task.given.items()]
    chosen = settings(task.config, [*task.overrides, *tried], test=task.test)
    folder = task.out / f"trial-{trial.number}"
    shutil.rmtree(folder, ignore_errors=True)

    def on_entry(entry: LogEntry) -> None:
        value = entry.measures.get(chosen.measure)
        if value is None or not entry.step or not task.plan.prunes:
            return
        trial.report(value, entry.step)
        if trial.should_prune():
            raise pruned()

    try:
        made = trainer.fit(
            chosen, task.learned, task.kept, models_path=task.models_path, out=folder,
            measure=by_database(task.database), on_entry=on_entry,
        )  # fmt: skip
    except (EncoderError, JobError, RuntimeError, ValueError, OSError) as exc:
        trial.set_user_attr("error", f"{type(exc).__name__}: {exc}"[:500])
        raise
    finally:
        shutil.rmtree(folder / runfolder.CHECKPOINTS, ignore_errors=True)
    found = made.measures.get(chosen.measure, -(made.held_out_loss or math.inf))
    return float(found)


def summary(trials: Sequence[Trial]) -> str:
    """Count trials by state, and name those that failed."""
    counts: dict[str, int] = {}
    for trial in trials:
        counts[trial.state] = counts.get(trial.state, 0) + 1
    told = ", ".join(f"{n} {state}" for state, n in sorted(counts.items()))
    failed = "".join(f"; trial {t.number}: {t.error}" for t in trials if t.error)
    return told + failed
