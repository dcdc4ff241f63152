"""Report of a sweep as a page: the best settings, what mattered, every trial and why some failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flows.reports import markup
from jobs.sweeps import study as studies
from jobs.sweeps.sweep import NoSweep, best
from jobs.training.texts import TEXTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jobs.sweeps.study import Trial

MEASURE = "nDCG@10, held out"


def report(url: str, name: str) -> tuple[list[Trial], dict[str, float]]:
    """The trials of a sweep that are over, in their order, and which settings mattered.

    Raises:
        NoSweep: there is no sweep of that name.
    """
    study = studies.stored(url, name)
    if study is None:
        raise NoSweep(f"there is no sweep {name}", "seogo sweep run makes one")
    trials = studies.finished(study)
    return trials, studies.importances(study, trials)


def render(name: str, trials: Sequence[Trial], mattered: Mapping[str, float]) -> str:
    """Render a sweep as a page.

    Raises:
        NoSweep: no trial came to its end.
    """
    return markup.render(
        "sweep.html",
        "sweep_title",
        TEXTS,
        name=name,
        best=best(name, trials),
        mattered=mattered,
        keys=list(dict.fromkeys(key for trial in trials for key in trial.params)),
        trials=sorted(trials, key=lambda t: -(t.value if t.value is not None else -1.0)),
        measure=MEASURE,
        format=_format,
    )


def _format(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
