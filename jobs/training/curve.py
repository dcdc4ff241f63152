"""A training run as a page: its losses, its settings, what it took."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from encoders.training import log, trainer
from jobs.errors import JobError
from jobs.evaluation import plots
from jobs.evaluation.markup import section, table
from jobs.training.run import read_settings
from jobs.training.texts import TEXTS, text

if TYPE_CHECKING:
    from pathlib import Path

SMOOTHED = 9


class NoLog(JobError):
    """A folder holds no training run."""


def render(folder: Path) -> str:
    """The page of the run in a folder.

    Raises:
        NoLog: there is none.
    """
    entries = log.read(folder / log.LOG)
    if not entries:
        raise NoLog(
            f"{folder / log.LOG} is missing or empty", "give the folder of `seogo train run`"
        )
    learned = [(entry.step, entry.loss) for entry in entries if entry.loss is not None]
    checked = [(e.step, e.held_out_loss) for e in entries if e.held_out_loss is not None]
    told = {"steps": f"{entries[-1].step:,}", "minutes": f"{entries[-1].seconds / 60:.1f}"}
    told["memory"] = f"{max(entry.memory for entry in entries) / 2**30:.1f}"
    key = f'<span class="first">{text("learned")}</span> · <span class="second">{text("held_out")}</span>'
    drawn = plots.curves([smoothed(learned), [(float(x), y) for x, y in checked]])
    settings = read_settings(folder / trainer.SETTINGS)
    page = Template((files("jobs.evaluation") / "report.html").read_text(encoding="utf-8"))
    body = [
        section("", table(["", ""], [[text(name), value] for name, value in told.items()])),
        section(text("loss"), f"<p>{text('loss_note')}</p><p>{key}</p>", drawn),
        section(
            text("settings"),
            table(
                [text("setting"), text("value")],
                [[escape(k), escape(str(v))] for k, v in settings.items()],
            ),
        ),
    ]
    return page.substitute(
        title=escape(f"{TEXTS['run_title'][0]} {folder.name}"),
        heading=f"{text('run_title')} {escape(folder.name)}",
        body="\n".join(body),
    )


def smoothed(points: list[tuple[int, float]]) -> list[tuple[float, float]]:
    """Means over a few neighbours: losses of single batches jump."""
    half = SMOOTHED // 2
    found = []
    for at, (step, _) in enumerate(points):
        near = [loss for _, loss in points[max(0, at - half) : at + half + 1]]
        found.append((float(step), sum(near) / len(near)))
    return found
