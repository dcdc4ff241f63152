"""What commands say while they work, where there is no terminal: few lines, none twice, none cut."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from jobs.cli import console

if TYPE_CHECKING:
    import pytest


def test_lines_come_ever_more_rarely_and_never_twice(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = 0.0
    monkeypatch.setattr(console, "monotonic", lambda: now)
    lines = console.Lines()
    for second in range(3600):
        now = float(second)
        lines.tell(f"{second // 100} done, " + "x" * 100)
    told = capsys.readouterr().err.splitlines()
    assert len(told) < 20
    assert len(set(told)) == len(told)
    assert all(line.endswith("x" * 100) for line in told)
    assert told[0].startswith("0 done")
    for _ in range(3600):
        now += 1
        lines.tell("35 done, " + "x" * 100)
    assert capsys.readouterr().err.count("35 done") <= 1


def test_a_progress_display_says_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = 0.0
    monkeypatch.setattr(console, "monotonic", lambda: now)
    with console.progress() as bar:
        task = bar.add_task("run \\[x]", total=None)
        for done in range(1, 2001):
            now += 0.1
            bar.update(task, completed=done, total=2000)
        other = bar.add_task("items", total=None)
        now += 400
        bar.advance(other, 1234)
    told = capsys.readouterr().err.splitlines()
    assert told[0] in ("run [x]: 100 of 2,000", "run [x]: 101 of 2,000")
    assert told[-1] == "items: 1,234"
    assert len(told) < 8


def test_tables_in_a_pipe_are_not_cut_at_80_columns() -> None:
    environ = {k: v for k, v in os.environ.items() if k != "COLUMNS"}
    code = "from jobs.cli.console import out; print(out.width)"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout == "160\n"
