"""Progress display of a pipeline: bars on a terminal, lines elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from jobs.cli.console import Lines, err, out

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.progress import TaskID

    from jobs.stages.progress import Meter, MeterReading


class StageDisplay:
    """Bars of all stages, by their meters, kept up to date by `tick`."""

    def __init__(self, meters: Mapping[str, Meter]) -> None:
        self._of = meters
        self._bars = Progress(
            TextColumn("{task.description:<24}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]:>10}"),
            TimeElapsedColumn(),
            console=err,
            disable=not err.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}
        self._lines = Lines()

    def __enter__(self) -> StageDisplay:
        self._bars.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._bars.stop()

    def tick(self) -> None:
        """Show the figures of this moment."""
        meters = list(self._of.values())
        for meter in meters:
            self._show(meter, meter.read())
        if not err.is_terminal:
            self._lines.tell("; ".join(line(m) for m in meters if busy(m)))

    def _show(self, meter: Meter, now: MeterReading) -> None:
        total = now.done + now.failed + now.waiting
        if not total:
            return
        if meter.name not in self._tasks:
            self._tasks[meter.name] = self._bars.add_task(meter.name, total=total, rate="")
        rate = f"{now.rate:.1f}/s" if now.rate else ""
        self._bars.update(
            self._tasks[meter.name], completed=now.done + now.failed, total=total, rate=rate
        )


def busy(meter: Meter) -> bool:
    """Whether a stage has had anything to do."""
    now = meter.read()
    return bool(now.done or now.failed or now.waiting or now.others)


def line(meter: Meter) -> str:
    """A stage in words."""
    now = meter.read()
    failed = f", {now.failed} failed" if now.failed else ""
    waiting = f", {now.waiting} waiting" if now.waiting else ""
    others = f", {now.others} that waited for others" if now.others else ""
    return f"{meter.name}: {now.done} done{failed}{waiting}{others} ({now.rate:.1f}/s)"


def summary(meters: Mapping[str, Meter]) -> int:
    """Print what the stages after loading have done; returns how many things failed."""
    failed = 0
    for meter in meters.values():
        now = meter.read()
        failed += now.failed
        if meter.name != "load" and (now.done or now.failed or now.others):
            out.print(line(meter), highlight=False)
    return failed
