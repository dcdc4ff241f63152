"""Training run as a page: losses, settings, time and memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from encoders.training import log, runfolder
from flows.reports import markup
from jobs.errors import JobError
from jobs.evaluation import plots
from jobs.training.keys import read_settings
from jobs.training.run import Result
from jobs.training.texts import TEXTS

if TYPE_CHECKING:
    from pathlib import Path

    from encoders.training.profile import Profile

SMOOTHED = 9


class NoLog(JobError):
    """A folder holds no training run."""


def render(folder: Path) -> str:
    """Render the run in a folder as a page.

    Raises:
        NoLog: there is none.
        EncoderNotInstalled: matplotlib is absent.
    """
    entries = log.read(folder / log.LOG)
    if not entries:
        raise NoLog(
            f"{folder / log.LOG} is missing or empty", "give the folder of `seogo train run`"
        )
    learned = [(entry.step, entry.loss) for entry in entries if entry.loss is not None]
    checked = [(e.step, e.held_out_loss) for e in entries if e.held_out_loss is not None]
    measured = [(e.step, e.measures) for e in entries if e.measures]
    taken = {
        "steps": f"{entries[-1].step:,}",
        "minutes": f"{entries[-1].seconds / 60:.1f}",
        "memory": f"{max(entry.memory for entry in entries) / 2**30:.1f}",
    }
    return markup.render(
        "run.html",
        "run_title",
        TEXTS,
        name=folder.name,
        taken=taken,
        curves=plots.curves([smoothed(learned), [(float(x), y) for x, y in checked]]),
        measured=measured,
        names=list(measured[0][1]) if measured else [],
        profile=_profile(folder),
        settings=read_settings(folder / runfolder.SETTINGS),
    )


def _profile(folder: Path) -> Profile | None:
    """The times of the steps, once the run is over."""
    path = folder / runfolder.RESULT
    if not path.exists():
        return None
    return msgspec.json.decode(path.read_bytes(), type=Result).profile


def smoothed(points: list[tuple[int, float]]) -> list[tuple[float, float]]:
    """Average over a few neighbours: losses of single batches jump."""
    half = SMOOTHED // 2
    found = []
    for at, (step, _) in enumerate(points):
        near = [loss for _, loss in points[max(0, at - half) : at + half + 1]]
        found.append((float(step), sum(near) / len(near)))
    return found
