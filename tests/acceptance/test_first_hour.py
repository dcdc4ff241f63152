"""README and tutorial, line by line, outside a clone, with the wheel installed: in order, and twice."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.conftest import ROOT
from tests.acceptance.test_doc_commands import blocks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Ends with 1, as its page says: a line of that file is broken on purpose.
BROKEN = "seogo ingest manuals.jsonl --collection manuals    # names line 4"
# The server of the tests is a fast one: that fsync is off is a failure.
DOCTOR = "seogo doctor"
# Six of these have a picture, four of them a nameplate.
PICTURED = 12
# Runs the lines that it is given, one after the other: starting anew for each would take minutes.
DRIVER = """
import json, shlex, subprocess, sys
from typer.testing import CliRunner
import jobs
from jobs.cli import app
told = [jobs.__file__]
for line in json.load(sys.stdin):
    if line.startswith("seogo "):
        done = CliRunner().invoke(app, shlex.split(line, comments=True)[1:])
        hint = getattr(done.exception, "hint", "")
        told.append([done.exit_code, f"{done.output}{done.exception or ''} {hint}"])
    else:
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True)
        told.append([done.returncode, done.stdout + done.stderr])
print(json.dumps(told))
"""


def lines_of(page: str) -> Iterator[str]:
    """The commands that a reader types; a file written by hand is one."""
    for why_not, block in blocks(page):
        if why_not:
            continue
        if block.startswith("cat >"):
            yield block
        else:
            yield from block.splitlines()


@pytest.fixture(scope="module")
def sampled(installed: Path) -> Path:
    """The installed sample, with pictures of the first parts alone: to read one takes a second."""
    sample = installed / "flows" / "examples" / "parts.jsonl"
    parts = [json.loads(line) for line in sample.read_text(encoding="utf-8").splitlines()]
    for part in parts[PICTURED:]:
        part.pop("media", None)
    lines = (json.dumps(part, ensure_ascii=False) + "\n" for part in parts)
    sample.write_text("".join(lines), encoding="utf-8")
    return installed


@pytest.fixture
def walked(sampled: Path, db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Walk:
    for name, value in {
        "PYTHONPATH": str(sampled),
        "SEOGO_DATABASE_URL": db_url,
        "SEOGO_BACKUP_TARGET": str(tmp_path / "backups"),
        "SEOGO_TEXT_ENCODER": "dummy",
        "COLUMNS": "200",
    }.items():
        monkeypatch.setenv(name, value)
    return Walk(sampled, tmp_path)


class Walk:
    """Somebody in a folder of theirs."""

    def __init__(self, installed: Path, place: Path) -> None:
        self._installed = installed
        self._place = place

    def along(self, lines: list[str]) -> dict[str, str]:
        """Type the lines; what each has said."""
        done = subprocess.run(
            [sys.executable, "-c", DRIVER],
            input=json.dumps(lines),
            capture_output=True,
            text=True,
            check=False,
            cwd=self._place,
        )
        assert done.returncode == 0, done.stderr
        at, *told = json.loads(done.stdout.splitlines()[-1])
        assert at.startswith(str(self._installed))
        said = {}
        for line, (code, output) in zip(lines, told, strict=True):
            expected = (0, 1) if line.startswith(DOCTOR) else (int(line.startswith(BROKEN)),)
            assert code in expected, f"{line}\n{output}"
            assert "Traceback" not in output
            said[line] = output
        return said


def test_the_first_hour_works_outside_a_clone_and_twice(walked: Walk, tmp_path: Path) -> None:
    """The tutorial, then the demonstrations, then README: names of one do not stand in the way of another."""
    tutorial, readme = list(lines_of("tutorial.md")), list(lines_of("../README.md"))
    assert len(tutorial) >= 15
    assert len(readme) >= 11
    for _ in range(2):
        told = walked.along([*tutorial, "seogo defects demo", *readme])
        found = told[
            "seogo search \"pump for powder\" --collection manuals --filter '$.year >= 2020'"
        ]
        assert "M-1" in found
        assert "M-2" not in found
        assert "M-2" in told['seogo search "sniffer" --collection manuals']
        assert "4: not JSON" in next(said for line, said in told.items() if line.startswith(BROKEN))
        assert (
            "no field of the collection"
            in told['seogo search "ALD300" --collection manuals --explain']
        )
        assert "complete" in told["seogo backup list"]
        assert "verdict: defect" in told["seogo defects demo"]
        said = re.findall(
            r"^  (seogo [a-z].*?)(?:   .*)?$", told["seogo defects demo"], re.MULTILINE
        )
        assert [shlex.split(one)[1] for one in said] == ["defects", "serve"]
        # The sections of the manual are found where the demonstration has put them.
        assert re.search(r"\[1\] plate-manual\.txt", told["seogo defects demo"])
        plate = next(
            said for line, said in told.items() if line.startswith("seogo search 19E99919")
        )
        assert re.search("P00[0-9]{2}", plate)
        assert (tmp_path / "examples" / "query.jpg").is_file()


def test_what_the_empty_page_advises_works(walked: Walk, tmp_path: Path) -> None:
    folder = ROOT / "service" / "assets" / "texts"
    texts = "".join((folder / name).read_text(encoding="utf-8") for name in ("ko.js", "en.js"))
    advice = re.findall(r"noCollectionsHint: .*?(seogo ingest [\w. -]*?--recipe generic)", texts)
    assert len(advice) == 2
    names = {"파일": "file", "FILE": "file", "이름": "ours", "NAME": "ours"}
    line = '{"external_id": "A", "fields": {"title": "Dry pump"}}\n'
    (tmp_path / "file.jsonl").write_text(line, encoding="utf-8")
    for one in advice:
        for word, typed in names.items():
            one = one.replace(word, typed)
        assert "1 inserted" in walked.along([one])[one] or "1 unchanged" in walked.along([one])[one]


def test_a_collection_of_the_same_name_is_told_before_anything_is_written(walked: Walk) -> None:
    walked.along(["seogo collection create demo-manuals --recipe parts"])
    with pytest.raises(AssertionError, match="seogo collection delete demo-manuals"):
        walked.along(["seogo defects demo"])
    # Nobody is there to be asked, so nothing is deleted.
    with pytest.raises(AssertionError, match="seogo collection delete demo-manuals --yes"):
        walked.along(["seogo collection delete demo-manuals"])
    lines = [
        "seogo defects list",
        "seogo collection delete demo-manuals --yes",
        "seogo defects demo",
    ]
    told = walked.along(lines)
    assert "plate" not in told[lines[0]]
    assert "verdict: defect" in told[lines[2]]
