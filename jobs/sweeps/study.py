"""Studies of Optuna in PostgreSQL: opened by name, their trials, and which settings mattered."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec
import psycopg

from encoders.runtime.optional import require
from jobs.sweeps.choices import grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jobs.sweeps.choices import Choices

EXTRA = "train"
SCHEMA = "sweep"
Sampler = Literal["tpe", "random", "grid"]
# Of Optuna, whose types are not known where it is absent.
Study = Any
# A process that has not shown itself for so long is dead, and its trial is tried again.
_BEAT_SECONDS, _GRACE_SECONDS = 30, 120
# Below so many finished trials nothing can be said about which settings mattered.
_FEWEST = 4
# Trials that run to their end before any is pruned, and measurements before a trial may be.
_UNPRUNED, _WARMUP_STEPS = 3, 1


class StudyPlan(NamedTuple):
    """Name of a sweep, where it is kept, and how it draws; picklable."""

    url: str
    name: str
    sampler: Sampler = "tpe"
    prunes: bool = False
    seed: int = 20


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a sweep; the value is the measure of its best step, higher is better.

    `error` says why it failed; `seconds` how long it took.
    """

    number: int
    state: str
    value: float | None
    params: dict[str, Any]
    error: str | None = None
    seconds: float | None = None


def opened(plan: StudyPlan, given: Choices) -> Study:
    """Open the study of a plan, or make it.

    Raises:
        EncoderNotInstalled: Optuna is absent.
        BadTrainSettings: a grid over ranges.
    """
    optuna = require("optuna", EXTRA)
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)  # we say ourselves what went wrong
    samplers = {
        "tpe": lambda: optuna.samplers.TPESampler(seed=plan.seed),
        "random": lambda: optuna.samplers.RandomSampler(seed=plan.seed),
        "grid": lambda: optuna.samplers.GridSampler(grid(given), seed=plan.seed),
    }
    pruner = optuna.pruners.MedianPruner(_UNPRUNED, _WARMUP_STEPS)
    return optuna.create_study(
        study_name=plan.name,
        storage=_storage(plan.url),
        sampler=samplers[plan.sampler](),
        pruner=pruner if plan.prunes else optuna.pruners.NopPruner(),
        direction="maximize",
        load_if_exists=True,
    )


def stored(url: str, name: str) -> Study | None:
    """The study of that name, or None."""
    optuna = require("optuna", EXTRA)
    try:
        return optuna.load_study(study_name=name, storage=_storage(url))
    except KeyError:
        return None


def finished(study: Study) -> list[Trial]:
    """Trials that are over, in their order."""
    return [trial_of(one) for one in study.trials if one.state.is_finished()]


def trial_of(frozen: Any) -> Trial:
    """A trial of Optuna as ours."""
    took = frozen.duration
    return Trial(
        number=frozen.number,
        state=frozen.state.name.lower(),
        value=frozen.values[0] if frozen.values else None,
        params=frozen.params,
        error=frozen.user_attrs.get("error"),
        seconds=None if took is None else took.total_seconds(),
    )


def pruned() -> Exception:
    """The exception by which a trial ends that falls behind the others."""
    found: Exception = require("optuna", EXTRA).TrialPruned()
    return found


def importances(study: Study, trials: Sequence[Trial]) -> dict[str, float]:
    """Share of each setting in what set the best trials apart, the largest first; empty for few trials.

    PED-ANOVA: Watanabe et al., 2023, "PED-ANOVA: Efficiently Quantifying Hyperparameter Importance in
    Arbitrary Subspaces".
    """
    done = [trial for trial in trials if trial.state == "complete"]
    tried = {key for trial in done for key in trial.params}
    varied = [key for key in tried if len({str(trial.params.get(key)) for trial in done}) > 1]
    if len(done) < _FEWEST or not varied or len({trial.value for trial in done}) == 1:
        return {}
    optuna = require("optuna", EXTRA)
    # The better quarter against all: a tenth of few trials is one.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is experimental, and says that trials are few
        judge = optuna.importance.PedAnovaImportanceEvaluator(target_quantile=0.25)
        found: dict[str, float] = optuna.importance.get_param_importances(
            study, evaluator=judge, params=sorted(varied)
        )
    return found


def _storage(url: str) -> Any:
    """Optuna's tables in a schema of their own; a connection is not kept while a trial trains."""
    from sqlalchemy.pool import NullPool

    optuna = require("optuna", EXTRA)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return optuna.storages.RDBStorage(
            "postgresql+psycopg://",
            engine_kwargs={
                "poolclass": NullPool,
                "creator": lambda: psycopg.connect(url, options=f"-c search_path={SCHEMA}"),
            },
            heartbeat_interval=_BEAT_SECONDS,
            grace_period=_GRACE_SECONDS,
            heartbeat_stale_trial_callback=optuna.storages.RetryHeartbeatStaleTrialCallback(
                max_retry=1
            ),
        )
