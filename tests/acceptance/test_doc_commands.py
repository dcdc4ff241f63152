"""The commands of the pages on operations, ingest and law are run, in their order; all others parsed.

Those of README and tutorial are run by test_first_hour.py.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer import BadParameter
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

from jobs.cli import app
from tests.jobs.test_legal import CASE, RULE, STATUTE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"```sh([^\n]*)\n(.*?)```", re.DOTALL)
# Commands of the page on operations that are not run here, with the reason; they are parsed all the same.
NOT_RUN = {
    "seogo worker": "runs for ever",
    "seogo worker --stages vectors": "runs for ever",
    "seogo worker --stages webhooks": "runs for ever",
    "seogo worker --ray": "runs for ever, on a cluster; see tests/jobs/test_fleet.py",
    "seogo embed --ray": "needs a cluster; likewise",
    "seogo spaces tune": "the space has no index here; see tests/sql/test_depth.py",
    "seogo models pull bge-m3": "needs a hub",
    "seogo reembed start": "needs that model; tests/jobs/test_reembed.py does it with others",
    "seogo reembed switch": "likewise",
    "seogo reembed rollback": "likewise",
    "seogo reembed drop 1": "likewise",
    "seogo schedule cancel 17": "there is no such job; see tests/jobs/test_schedule.py",
    "seogo backup restore latest": "leaves a database; see tests/jobs/test_backup.py",
    "seogo backup restore latest --switch": "likewise",
    "seogo backup switch seogo_before": "likewise",
}


@pytest.fixture
def place(db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, a fresh database, and an encoder that needs no model."""
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "SEOGO_DATABASE_URL": db_url,
        "SEOGO_BACKUP_TARGET": str(tmp_path / "backups"),
        "SEOGO_TEXT_ENCODER": "dummy",
        "COLUMNS": "200",
    }.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def blocks(page: str) -> Iterator[tuple[str, str]]:
    """What stands behind the fence, and the lines."""
    for found in BLOCK.finditer((DOCS / page).read_text(encoding="utf-8")):
        yield found[1].strip(), found[2]


def run(line: str) -> None:
    """Run one command of ours in this process."""
    words = shlex.split(line, comments=True)
    result = CliRunner().invoke(app, words[1:])
    assert result.exit_code == 0, f"{line}\n{result.output}\n{result.exception}"


def test_the_commands_of_operations_run(place: Path) -> None:
    ran = 0
    for _, block in blocks("operations.md"):
        for line in block.splitlines():
            plain = shlex.join(shlex.split(line, comments=True))
            if (
                not plain
                or plain in NOT_RUN
                or any(plain.startswith(f"{p}") for p in NOT_RUN if p != "seogo worker")
            ):
                continue
            if plain in ("seogo doctor", "seogo db check", "seogo failed retry --collection parts"):
                assert CliRunner().invoke(app, shlex.split(plain)[1:]).exit_code in (0, 1)
            else:
                run(line)
            ran += 1
    assert ran >= 8


def test_only_what_a_page_has_is_left_out() -> None:
    page = (DOCS / "operations.md").read_text(encoding="utf-8")
    assert [line for line in NOT_RUN if line not in page] == []
    for name, (_, left_out) in WALKS.items():
        page = (DOCS / name).read_text(encoding="utf-8")
        assert [line for line in left_out if line not in page] == []


def of_ingest(place: Path) -> None:
    """The sample parts without their pictures, as `seogo demo` leaves them, and files of one's own."""
    lines = (DOCS.parent / "examples" / "parts.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines[:30]]
    bare = "".join(json.dumps(row | {"media": []}) + "\n" for row in rows)
    (place / "examples").mkdir()
    (place / "examples" / "parts.jsonl").write_text(bare, encoding="utf-8")
    (place / "more.jsonl").write_text(bare, encoding="utf-8")
    query = DOCS.parent / "examples" / "query.jpg"
    shutil.copy(query, place / "examples" / "query.jpg")
    run("seogo ingest examples/parts.jsonl --collection parts --recipe parts")


def of_law(place: Path) -> None:
    """A statute and a decision that cites it, and judged queries."""
    for folder, records in {"laws": [STATUTE], "rules": [RULE], "precedents": [CASE]}.items():
        (place / folder).mkdir()
        for record in records:
            text = json.dumps(record, ensure_ascii=False)
            (place / folder / "1.json").write_text(text, encoding="utf-8")
    (place / "q.jsonl").write_text('{"_id": "q1", "text": "책의 반납"}\n', encoding="utf-8")
    (place / "q.txt").write_text("q1 0 LAW_009999_4 1\n", encoding="utf-8")
    for name in ("legal-train", "legal-dev"):
        run(f"seogo eval import {name} --queries q.jsonl --qrels q.txt")


def of_recipes(place: Path) -> None:
    """Five parts without pictures, a manual, a statute, and the questions that the page writes."""
    lines = (DOCS.parent / "examples" / "parts.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) | {"media": []} for line in lines[:5]]
    (place / "examples" / "defects").mkdir(parents=True)
    bare = "".join(json.dumps(row) + "\n" for row in rows)
    (place / "examples" / "parts.jsonl").write_text(bare, encoding="utf-8")
    manual = Path("examples") / "defects" / "plate-manual.txt"
    shutil.copy(DOCS.parent / manual, place / manual)
    (place / "laws").mkdir()
    (place / "laws" / "1.json").write_text(json.dumps(STATUTE), encoding="utf-8")
    written = next(
        block for _, block in blocks("recipes.md") if block.startswith("cat > bank.jsonl")
    )
    (place / "bank.jsonl").write_text(
        "".join(f"{line}\n" for line in written.splitlines()[1:-1]), encoding="utf-8"
    )


WALKS: dict[str, tuple[Callable[[Path], None], dict[str, str]]] = {
    "ingest.md": (
        of_ingest,
        {
            "seogo ingest --resume": "nothing was stopped; tests/jobs/test_ingest.py",
            "seogo ingest --retry-errors 12": "there is no run 12",
            "seogo ingest more.jsonl": "the worker runs for ever",
            "seogo pictures prompt valves valves.txt": "needs a captioner; tests/jobs/test_pictures.py",
            "seogo pictures again parts": "likewise",
            "seogo collection update parts": "likewise",
        },
    ),
    "recipes.md": (
        of_recipes,
        {
            "seogo examples": "all of them, with pictures; test_first_hour.py",
            "seogo defects demo": "builds a bank; tests/defects/whole/test_cli.py",
            "cat > bank.jsonl": "written before",
            '{"id"': "likewise",
            "END": "likewise",
        },
    ),
    "legal.md": (
        of_law,
        {
            "export SEOGO_LAW_KEY": "no command of ours",
            "seogo legal show": "of an article that the sample lacks; tests/jobs/test_legal.py",
            "seogo legal fetch": "asks the public server; tests/jobs/test_legal_fetch.py",
        },
    ),
}


@pytest.mark.parametrize("page", WALKS)
def test_the_commands_of_other_pages_run(place: Path, page: str) -> None:
    prepare, left_out = WALKS[page]
    prepare(place)
    ran = 0
    for _, block in blocks(page):
        for line in block.splitlines():
            plain = line.partition("  #")[0].strip()
            if not plain or any(plain.startswith(start) for start in left_out):
                continue
            for words in commands_of(line):
                run(shlex.join(words))
                ran += 1
    assert ran >= 2


def of_pages() -> list[str]:
    """Every command of ours in a block of any page."""
    pages = [DOCS.parent / "README.md", *sorted(DOCS.glob("*.md"))]
    return [
        shlex.join(words)
        for page in pages
        for _, block in blocks(str(page))
        for line in block.splitlines()
        if "seogo " in line
        for words in commands_of(line)
        if words[0] in ("seogo", ".venv/bin/seogo")
    ]


def commands_of(line: str) -> Iterator[list[str]]:
    """The commands of a line, each in words."""
    words = shlex.split(line, comments=True)
    for joined, some in groupby(words, lambda word: word in ("&&", "|")):
        if not joined:
            yield list(some)


@pytest.mark.parametrize("line", of_pages())
def test_every_command_of_every_page_is_understood(line: str) -> None:
    command, (name, *rest) = get_command(app), shlex.split(line)
    context: Any = None
    try:
        context = command.make_context(name, rest)
        while isinstance(command, TyperGroup):
            name, found, rest = command.resolve_command(
                context, context._protected_args + context.args
            )
            assert found is not None
            command, context = found, found.make_context(name, rest, parent=context)
    except BadParameter as exc:
        if "does not exist" not in str(exc):  # the reader's files
            raise
