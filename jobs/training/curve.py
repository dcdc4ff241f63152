"""Training run as a page: losses, settings, time and memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from encoders.training import log, trainer
from flows.reports import markup
from jobs.errors import JobError
from jobs.evaluation import plots
from jobs.training.run import read_settings
from jobs.training.texts import TEXTS

if TYPE_CHECKING:
    from pathlib import Path

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
        settings=read_settings(folder / trainer.SETTINGS),
    )


def smoothed(points: list[tuple[int, float]]) -> list[tuple[float, float]]:
    """Average over a few neighbours: losses of single batches jump."""
    half = SMOOTHED // 2
    found = []
    for at, (step, _) in enumerate(points):
        near = [loss for _, loss in points[max(0, at - half) : at + half + 1]]
        found.append((float(step), sum(near) / len(near)))
    return found
