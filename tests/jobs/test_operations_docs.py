"""Every command that the page on operations shows is one that the command line takes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jobs.cli import app

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"


def commands() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("seogo ")]


@pytest.mark.parametrize("line", commands())
def test_the_command_line_takes_it(line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    # Names and options are looked up before the page of help is shown, and nothing is run.
    result = CliRunner().invoke(app, [*words, "--help"])
    assert result.exit_code == 0, result.output


def test_an_option_that_does_not_exist_is_refused() -> None:
    assert CliRunner().invoke(app, ["worker", "--lane", "2", "--help"]).exit_code != 0
