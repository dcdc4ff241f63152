"""A watched folder: what has come to rest is inspected once, over the death of who watches."""

from __future__ import annotations

import shutil
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from db.calls.query import fetch
from db.defects import batches
from db.operations import runs
from flows.inspection import AnalyzeIn
from flows.local import Local
from jobs.defects.watch import Looked, Watcher
from tests.defects.conftest import EXAMPLES
from tests.jobs.support import wait_until
from tests.sql.helpers import column

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from encoders.settings import EncoderSettings

    Conn = psycopg.Connection[Any]

NEVER = threading.Event()
PICTURES = EXAMPLES / "pictures"


@pytest.fixture
def local(plates: Conn, encoders: EncoderSettings) -> Iterator[Local]:
    with closing(Local(plates, encoders)) as made:
        yield made


def looked(watcher: Watcher, said: list[Looked]) -> dict[str, str]:
    """Two looks, of which the second sees what did not change."""
    watcher.look(NEVER)
    said.clear()
    watcher.look(NEVER)
    return {one.name: one.became for one in said}


def test_each_file_is_inspected_once_and_moved_where_it_belongs(
    plates: Conn, local: Local, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[Looked] = []
    asked = AnalyzeIn(product="plate")
    watcher = Watcher(plates, local, tmp_path, asked, said.append)
    (tmp_path / "선반").mkdir()
    shutil.copy(EXAMPLES / "query.jpg", tmp_path / "선반" / "a.jpg")
    (tmp_path / "notes.txt").write_text("no picture", encoding="utf-8")
    (tmp_path / "b.jpg.part").write_bytes(b"half")
    (tmp_path / ".hidden").write_bytes(b"x")
    assert looked(watcher, said) == {"선반/a.jpg": "defect", "notes.txt": "refused"}
    assert (tmp_path / "done" / "선반" / "a.jpg").exists()
    reason = (tmp_path / "failed" / "notes.txt.txt").read_text(encoding="utf-8")
    assert "picture" in reason
    assert looked(watcher, said) == {}
    # A camera uses a name again: another picture. The same one again is only moved.
    shutil.copy(PICTURES / "n00.jpg", tmp_path / "선반" / "a.jpg")
    shutil.copy(EXAMPLES / "query.jpg", tmp_path / "again.jpg")
    # One that is written to meanwhile waits for the next look.
    grows = tmp_path / "c.jpg"
    grows.write_bytes(b"1")
    watcher.look(NEVER)
    grows.write_bytes((PICTURES / "n01.jpg").read_bytes())
    said.clear()
    watcher.look(NEVER)
    assert {one.name for one in said} == {"선반/a.jpg", "again.jpg"}
    said.clear()
    watcher.look(NEVER)
    assert [(one.name, one.became) for one in said] == [("c.jpg", "normal")]
    assert len(list((tmp_path / "done" / "선반").iterdir())) == 2
    # It dies after the analysis is stored and before the file is moved: the next one only moves it.
    with monkeypatch.context() as broken:
        broken.setattr(Watcher, "_move", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        shutil.copy(PICTURES / "n02.jpg", tmp_path / "d.jpg")
        with pytest.raises(KeyboardInterrupt):
            looked(watcher, said)
    again = Watcher(plates, local, tmp_path, AnalyzeIn(), said.append)
    assert again.run_id == watcher.run_id
    assert looked(again, said) == {"d.jpg": "known"}
    assert column(plates, "SELECT count(*) FROM core.analysis") == [5]
    (run,) = fetch(plates, runs.get(run_id=again.run_id))
    assert (run.kind, run.state, sum(run.counts.values())) == ("defect_watch", "running", 6)


def test_of_two_who_watch_one_takes_a_file_and_the_dead_hold_none(
    plates: Conn, local: Local, db_url: str, tmp_path: Path
) -> None:
    said: list[Looked] = []
    watcher = Watcher(plates, local, tmp_path, AnalyzeIn(product="plate"), said.append)
    shutil.copy(EXAMPLES / "query.jpg", tmp_path / "a.jpg")
    watcher.look(NEVER)
    with psycopg.connect(db_url, autocommit=True) as other:
        place = (
            "a.jpg@"
            + column(
                plates,
                "SELECT left(encode(sha256(%s), 'hex'), 12)",
                ((tmp_path / "a.jpg").read_bytes(),),
            )[0]
        )
        (claim,) = fetch(other, batches.claim_file(run_id=watcher.run_id, place=place))
        assert (claim.state, claim.attempts) == ("claimed", 1)
        assert watcher.look(NEVER).total() == 0
        assert (tmp_path / "a.jpg").exists()
        gone = "SELECT FROM pg_stat_activity WHERE pid = %s"
        pid = other.info.backend_pid
    wait_until(lambda: not plates.execute(gone, (pid,)).fetchall())
    assert watcher.look(NEVER) == {"defect": 1}
    assert column(plates, "SELECT state, attempts FROM core.batch_picture") == ["inspected"]
    # Over one that programs die it is given up.
    (tmp_path / "b.jpg").write_bytes((PICTURES / "n00.jpg").read_bytes())
    watcher.look(NEVER)
    plates.execute(
        "INSERT INTO core.batch_picture (run_id, place, state, attempts)"
        " SELECT %s, 'b.jpg@' || left(encode(sha256(%s), 'hex'), 12), 'waiting', 3",
        (watcher.run_id, (tmp_path / "b.jpg").read_bytes()),
    )
    assert watcher.look(NEVER) == {"refused": 1}
    assert (tmp_path / "failed" / "b.jpg").exists()
