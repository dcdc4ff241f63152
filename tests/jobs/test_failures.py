"""Whatever goes wrong in whatever command becomes a sentence and a hint, never a traceback."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import psycopg
import pytest
from typer import BadParameter
from typer.core import TyperCommand
from typer.main import get_command

from db.errors import BadRequest, ServerUnreachable
from encoders.errors import EncoderNotInstalled
from jobs import cli
from jobs.cli import entries, failures, outputs
from jobs.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobs.cli.lazy import LazyGroup

COMMAND: LazyGroup = get_command(cli.app)  # type: ignore[assignment]


def leaves(group: Any, *above: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from leaves(command, *above, name)
        else:
            yield (*above, name)


def os_error(number: int, place: str | None = "/missing/x") -> OSError:
    return OSError(number, os.strerror(number), place)


KINDS: dict[str, tuple[Exception, str]] = {
    "ours": (JobError("no", "do this"), "hint:  do this"),
    "of the database room": (BadRequest("no", "do this"), "hint:  do this"),
    "unreachable": (ServerUnreachable("gone", "start it"), "hint:  start it"),
    "of an encoder": (EncoderNotInstalled("torch", "models"), "pip install 'seogo[models]'"),
    "no file": (os_error(errno.ENOENT), "/missing/x: No such file or directory"),
    "no right": (os_error(errno.EACCES), "/missing/x: Permission denied"),
    "not permitted": (os_error(errno.EPERM), "/missing/x: Operation not permitted"),
    "read-only": (os_error(errno.EROFS), "/missing/x: Read-only file system"),
    "a folder": (os_error(errno.EISDIR), "name a file, not a folder"),
    "no folder": (os_error(errno.ENOTDIR), "a part of it is a file"),
    "disk full": (os_error(errno.ENOSPC), "make room"),
    "long name": (os_error(errno.ENAMETOOLONG), "choose a shorter name"),
    "port taken": (os_error(errno.EADDRINUSE, None), "choose another --port"),
    "no server": (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), "start the server"),
    "plain OSError": (OSError("odd"), "error: odd"),
    "timeout": (TimeoutError("timed out"), "error: timed out"),
    "CP949": (UnicodeDecodeError("utf-8", b"\xc5\xeb", 0, 1, "invalid"), "save the file as UTF-8"),
    "terminal": (UnicodeEncodeError("ascii", "가", 0, 1, "not in range"), "PYTHONUTF8=1"),
    "msgspec": (msgspec.ValidationError("Expected `int`"), "Expected `int`"),
    "msgspec bytes": (msgspec.DecodeError("truncated"), "truncated"),
    "JSON": (json.JSONDecodeError("bad", "{", 1), "not as it must be"),
    "TOML": (tomllib.TOMLDecodeError("bad"), "not as it must be"),
    "an extra": (ModuleNotFoundError("no optuna", name="optuna"), "pip install 'seogo[train]'"),
    "an extra's part": (ImportError("no", name="sklearn.svm"), "pip install 'seogo[tune]'"),
    "no extra": (ImportError("broken", name="nothing"), "error: a package cannot be imported"),
    "memory": (MemoryError(), "there is not enough memory"),
    "constraint": (psycopg.errors.ForeignKeyViolation("refused"), "the database refused: refused"),
    "connection": (psycopg.OperationalError("gone"), "the database refused: gone"),
    "interface": (psycopg.InterfaceError("closed"), "the database refused: closed"),
    "HTTP": (httpx.ConnectError("nobody there"), "nobody there"),
    "program": (subprocess.CalledProcessError(3, ["x"]), "another program failed"),
    "end of input": (EOFError(), "Aborted"),
    "value": (ValueError("odd value"), "this should not happen: ValueError: odd value"),
    "key": (KeyError("title"), "this should not happen: KeyError: 'title'"),
    "type": (TypeError(), "this should not happen: TypeError"),
    "attribute": (AttributeError("x"), "this should not happen"),
    "assertion": (AssertionError(), "this should not happen"),
    "recursion": (RecursionError("deep"), "this should not happen"),
    "group": (ExceptionGroup("two", [ValueError("a")]), "this should not happen"),
    "brackets": (JobError("[/] [bold"), "error: [/] [bold"),
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where tracebacks are kept; the command line is made once for all."""
    monkeypatch.setenv("SEOGO_HOME", str(tmp_path))
    monkeypatch.setattr(cli, "app", COMMAND)
    monkeypatch.setattr(TyperCommand, "parse_args", lambda *_: [])
    return tmp_path


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_at_every_command(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    kind: str,
) -> None:
    exc, wanted = KINDS[kind]

    def fail(*_: object) -> None:
        raise exc

    monkeypatch.setattr(TyperCommand, "invoke", fail)
    commands = list(leaves(COMMAND))
    assert len(commands) > 80
    for command in commands:
        monkeypatch.setattr(sys, "argv", ["seogo", *command])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        told = capsys.readouterr()
        assert ended.value.code == 1, command
        assert told.out == "", command
        assert wanted in told.err, command
        assert "Traceback" not in told.err, command
        if kind != "end of input":
            assert told.err.startswith("error: "), command
    kept = list(home.rglob("error-*.txt"))
    assert bool(kept) == ("should not happen" in wanted)


def test_ctrl_c_ends_quietly(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(TyperCommand, "invoke", fail)
    for command in leaves(COMMAND):
        monkeypatch.setattr(sys, "argv", ["seogo", *command])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 130
        assert "Traceback" not in capsys.readouterr().err


def test_what_nobody_expected_is_kept_without_the_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEOGO_HOME", str(tmp_path))
    monkeypatch.setenv("SEOGO_DATABASE_URL", "postgresql://me:hunter2@host/db")
    try:
        raise ValueError("at postgresql://me:hunter2@host/db")
    except ValueError as exc:
        found = failures.explain(exc)
    assert "hunter2" not in found.message
    (kept,) = (tmp_path / "errors").iterdir()
    assert str(kept) in (found.hint or "")
    text = kept.read_text()
    assert "Traceback" in text
    assert "hunter2" not in text
    assert kept.stat().st_mode & 0o077 == 0


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    command = f"{sys.executable} -c 'from jobs.cli import main; main()' --help | head -n 1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


def test_the_list_of_commands_says_what_their_own_help_says() -> None:
    assert {entry.panel for entry in COMMAND.entries} <= {
        entries.FILL, entries.FIND, entries.OPERATE, entries.IMPROVE, entries.MODELS, entries.FIELDS
    }  # fmt: skip
    for entry in COMMAND.entries:
        about = COMMAND.commands[entry.name].help.partition("\n\n")[0]
        assert " ".join(about.split()) == entry.about, entry.name


def test_help_imports_no_command() -> None:
    code = (
        "import sys; from jobs.cli import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'psycopg', 'sqlalchemy', 'alembic', 'httpx', 'PIL', 'procrastinate'}\n"
        "sys.exit(','.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def parameters(group: Any) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from parameters(command)
        else:
            yield from ((f"{name} {each.name}", each) for each in command.params)


def test_every_place_that_is_written_to_is_looked_at_first() -> None:
    """A path is of a file that must be there, or is tried by one of the callbacks of `outputs`."""
    places = [
        (name, each)
        for name, each in parameters(COMMAND)
        if type(each.type).__name__ == "TyperPath"
    ]
    assert len(places) > 20
    unchecked = [name for name, each in places if not each.type.exists and each.callback is None]
    assert unchecked == []


def test_places_that_cannot_be_written_to_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refused = {
        tmp_path / "missing" / "r.html": "does not exist",
        tmp_path: "is a folder",
        Path("/sys/r.html"): "/sys: ",
        tmp_path / "file" / "r.html": "does not exist",
    }
    for place, why in refused.items():
        with pytest.raises(BadParameter, match=why):
            outputs.writable_file(place)
    for place in (tmp_path / "file", tmp_path / "file" / "below", Path("/sys/run")):
        with pytest.raises(BadParameter):
            outputs.writable_folder(place)
    assert outputs.writable_file(tmp_path / "new") == tmp_path / "new"
    assert outputs.writable_file(tmp_path / "file") == tmp_path / "file"
    assert outputs.writable_folder(tmp_path / "a" / "b") == tmp_path / "a" / "b"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_place_of_a_report_is_looked_at_before_the_database(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SEOGO_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    for words in (
        "eval report 1 --html /missing/r.html",
        "eval export s1 --qrels /missing/q.txt",
        "export-vectors /missing/x.npz -c parts",
    ):
        monkeypatch.setattr(sys, "argv", ["seogo", *words.split()])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 2
        told = " ".join(capsys.readouterr().err.replace("│", " ").split())
        assert "the folder /missing does not exist; make it first" in told
