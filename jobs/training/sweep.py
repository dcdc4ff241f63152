"""Hyperparameter sweeps with Optuna, stored in the database."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import psycopg

from encoders.runtime.optional import require
from encoders.training import quality, trainer
from flows.reports import markup
from jobs.errors import JobError
from jobs.training.run import BadTrainSettings, read_settings, settings
from jobs.training.texts import TEXTS
from jobs.types import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from encoders.training.pairs import TrainingPair
    from encoders.training.settings import TrainSettings

EXTRA = "train"
SCHEMA = "sweep"
MEASURE = "RR, held out"


class NoSweep(JobError):
    """There is no sweep of that name, or it has no finished trial."""


class Range(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A range of numbers, both ends included; `log`: sampled on a logarithmic scale."""

    low: float
    high: float
    log: bool = False
    kind: Literal["int", "float"] = "float"


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a sweep; the value is the mean reciprocal rank on held-out pairs, higher is better."""

    number: int
    state: str
    value: float | None
    params: dict[str, Any]


Choices = dict[str, list[Any] | Range]


def choices(file: Path) -> Choices:
    """Read the settings to try: lists of values, or `{low, high, log, kind}`.

    Raises:
        BadTrainSettings: the file cannot be read, or an entry is neither.
    """
    try:
        return msgspec.convert(read_settings(file), Choices)
    except msgspec.ValidationError as exc:
        raise BadTrainSettings(
            f"{file}: {exc}", "such as learning_rate = {low = 1e-5, high = 1e-3, log = true}"
        ) from exc


def check_choices(
    given: Choices, config: Path | None, overrides: Sequence[str], *, test: bool
) -> TrainSettings:
    """Check every value that may be tried, before the first trial.

    Returns:
        The settings of the trial that asks the most of the pairs: with the most negatives.

    Raises:
        BadTrainSettings: a setting is unknown, or a value wrong; both are named.
    """
    most = settings(config, overrides, test=test)
    for key, choice in given.items():
        ends: list[Any] = choice if isinstance(choice, list) else _ends(choice)
        for value in ends:
            tried = settings(config, [*overrides, f"{key}={_json(value)}"], test=test)
            most = max(most, tried, key=lambda one: one.negatives)
    return most


def _ends(choice: Range) -> list[float]:
    ends = [choice.low, choice.high]
    return [round(end) for end in ends] if choice.kind == "int" else ends


def run(
    url: str,
    name: str,
    given: Choices,
    learned: Sequence[TrainingPair],
    kept: Sequence[TrainingPair],
    *,
    config: Path | None,
    overrides: Sequence[str],
    trials: int,
    models_path: Path,
    out: Path,
    seed: int = 20,
    test: bool = False,
    on_trial: Callable[[Trial], None] = silent,
) -> Trial:
    """Run trials, continuing a sweep of that name; returns the best trial.

    Models of trials are not kept, only their logs: train the best settings again, and longer.

    `config` and `overrides` are the settings around those that are tried, None the defaults; `out` is the
    folder of the trials' logs, `seed` that of the sampler.

    Raises:
        EncoderNotInstalled: a package of the extra `train` is absent.
        BadTrainSettings: a setting that is tried is unknown, or a value wrong.
        NoSweep: there are no held-out pairs, or no trial came to its end.
    """
    if not kept:
        raise NoSweep("a sweep needs held-out pairs to choose by", "give --held-out or --fraction")
    study = _study(url, name, seed)

    def objective(trial: Any) -> float:
        tried = [f"{key}={_json(_drawn(trial, key, choice))}" for key, choice in given.items()]
        chosen = settings(config, [*overrides, *tried], test=test)
        folder = out / f"trial-{trial.number}"
        shutil.rmtree(folder, ignore_errors=True)
        made = trainer.fit(chosen, learned, kept, models_path=models_path, out=folder)
        shutil.rmtree(folder / trainer.CHECKPOINTS, ignore_errors=True)
        return quality.reciprocal_rank(made.model, kept)

    callbacks = [lambda _study, frozen: on_trial(_trial(frozen))]
    study.optimize(objective, n_trials=trials, callbacks=callbacks)
    return _best(name, [_trial(t) for t in study.trials])


def report(url: str, name: str) -> list[Trial]:
    """The trials of a sweep, in their order.

    Raises:
        NoSweep: there is no sweep of that name.
    """
    optuna = require("optuna", EXTRA)
    try:
        study = optuna.load_study(study_name=name, storage=_storage(url))
    except KeyError as exc:
        raise NoSweep(f"there is no sweep {name}", "seogo sweep run makes one") from exc
    return [_trial(trial) for trial in study.trials]


def render(name: str, trials: Sequence[Trial]) -> str:
    """Render a sweep as a page.

    Raises:
        NoSweep: no trial came to its end.
    """
    return markup.render(
        "sweep.html",
        "sweep_title",
        TEXTS,
        name=name,
        best=_best(name, trials),
        keys=list(dict.fromkeys(key for trial in trials for key in trial.params)),
        trials=sorted(trials, key=lambda t: -(t.value if t.value is not None else -1.0)),
        measure=MEASURE,
        format=_format,
    )


def _study(url: str, name: str, seed: int) -> Any:
    optuna = require("optuna", EXTRA)
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)  # we say ourselves what went wrong
    sampler = optuna.samplers.TPESampler(seed=seed)
    return optuna.create_study(
        study_name=name,
        storage=_storage(url),
        sampler=sampler,
        direction="maximize",
        load_if_exists=True,
    )


def _storage(url: str) -> Any:
    """Optuna's tables in a schema of their own; a connection is not kept while a trial trains."""
    from sqlalchemy.pool import NullPool

    return require("optuna", EXTRA).storages.RDBStorage(
        "postgresql+psycopg://",
        engine_kwargs={
            "poolclass": NullPool,
            "creator": lambda: psycopg.connect(url, options=f"-c search_path={SCHEMA}"),
        },
    )


def _drawn(trial: Any, key: str, choice: list[Any] | Range) -> Any:
    if isinstance(choice, list):
        return trial.suggest_categorical(key, choice)
    if choice.kind == "int":
        return trial.suggest_int(key, round(choice.low), round(choice.high), log=choice.log)
    return trial.suggest_float(key, choice.low, choice.high, log=choice.log)


def _trial(frozen: Any) -> Trial:
    value = frozen.values[0] if frozen.values else None
    state = frozen.state.name.lower()
    return Trial(number=frozen.number, state=state, value=value, params=frozen.params)


def _best(name: str, trials: Sequence[Trial]) -> Trial:
    done = [trial for trial in trials if trial.value is not None]
    if not done:
        raise NoSweep(f"no trial of {name} came to its end")
    return max(done, key=lambda trial: (trial.value, -trial.number))


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _format(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
