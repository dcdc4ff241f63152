"""Log lines: no secrets, no forged lines, files that several processes share and rename."""

from __future__ import annotations

import json
import logging
import sys
import threading
from pathlib import Path

import pytest

from db import logs
from db.settings import LogSettings

SECRETS = {
    "SEOGO_CAPTION_KEY": 'k-"quoted"-1',
    "PGPASSWORD": "비밀번호입니다",
    "SEOGO_THREADS": "123456",
}


def record(message: str, *args: object, **more: object) -> logging.LogRecord:
    found = logging.LogRecord("seogo.test", logging.INFO, "", 0, message, args, None)
    vars(found).update(logs.fields(**more))
    return found


@pytest.mark.parametrize("kind", [logs.JsonLines, logs.PlainLines])
def test_no_line_has_a_secret(kind: type[logs.JsonLines], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    said = record(
        "postgresql://me:p%%40ss@db/x host=db password=hush Bearer a.b-c 펌프 %s",
        SECRETS["PGPASSWORD"],
        key=SECRETS["SEOGO_CAPTION_KEY"],
        threads=123456,
    )
    line = kind().format(said)
    assert not any(secret in line for secret in ("p%40ss", "hush", "a.b-c", "비밀", "quoted"))
    assert "펌프" in line
    assert "123456" in line
    assert "me:…@db/x" in line


def test_a_text_line_stays_one_line() -> None:
    line = logs.PlainLines().format(record("a\nb\x1b[31m"))
    assert "\n" not in line
    assert "\x1b" not in line


def test_processes_share_a_file_and_no_line_is_lost_or_torn(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "seogo.log"
    handlers = [logs.SharedFile(path, 2000, kept=1000) for _ in range(3)]

    def write(handler: logs.SharedFile, who: int) -> None:
        for n in range(40):
            handler.emit(record(f"{who} {n}"))

    threads = [threading.Thread(target=write, args=(one, at)) for at, one in enumerate(handlers)]
    for handler in handlers:
        handler.setFormatter(logs.JsonLines())
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    files = [p for p in path.parent.iterdir() if p.suffix != ".lock"]
    assert len(files) > 5
    lines = [line for p in files for line in p.read_text("utf-8").splitlines()]
    assert sorted(json.loads(line)["message"] for line in lines) == sorted(
        f"{who} {n}" for who in range(3) for n in range(40)
    )
    for handler in handlers:
        handler.close()


def test_old_files_are_removed(tmp_path: Path) -> None:
    path = tmp_path / "seogo.log"
    handler = logs.SharedFile(path, 1, kept=2)
    for n in range(5):
        handler.emit(record(f"{n}"))
    handler.close()
    kept = sorted(p.name for p in tmp_path.iterdir() if p.suffix != ".lock")
    assert kept == ["seogo.log.1", "seogo.log.2"]
    assert [Path(tmp_path / name).read_text()[:1] for name in kept] == ["4", "3"]


def test_levels_and_forms_are_set_once_for_all(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    root, ours = logging.getLogger(), logging.getLogger("seogo")
    before = root.handlers[:], root.level, ours.level
    root.handlers[:] = []
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    try:
        file = tmp_path / "x.log"
        logs.configure(LogSettings(log_level="warning", log_file=str(file)))
        ours.info("not this")
        ours.warning("this")
        logging.getLogger("some.library").info("nor that")
    finally:
        for handler in root.handlers:
            handler.close()
        root.handlers[:], level, our_level = before
        root.setLevel(level)
        ours.setLevel(our_level)
    assert "WARNING seogo: this" in capsys.readouterr().err
    assert [json.loads(line)["message"] for line in file.read_text().splitlines()] == ["this"]
