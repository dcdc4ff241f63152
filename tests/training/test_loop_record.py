"""The loop of training as it is recorded: linked by digests, with curves and what was refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from db.calls.query import fetch
from db.errors import UnknownName
from db.operations import training
from db.settings import DbSettings
from encoders.training.log import LogEntry
from jobs.errors import JobError
from jobs.training import record

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    Conn = psycopg.Connection[Any]


def test_a_loop_is_what_led_to_a_step_and_what_came_of_it(
    db: Conn, db_url: str, tmp_path: Path
) -> None:
    given = DbSettings(database_url=db_url)
    file = tmp_path / "pairs.jsonl"
    file.write_text("{}\n")
    with record.recorded(given, "pairs", "pairs.jsonl", collection="laws") as made:
        made.made = [record.digest(file)]
        made.leave_out("alike", 3)
        made.leave_out("repeated", 0)
    with record.recorded(given, "run", "runs/1", made.made, settings={"batch": 8}) as run:
        run.note(LogEntry(step=1, epoch=0.1, loss=2.0))
        run.note(LogEntry(step=1, epoch=0.1, measures={"nDCG@10": 0.5}))
        run.note(LogEntry(step=2, epoch=0.2, loss=1.0))
        run.made = ["model"]
    with pytest.raises(JobError), record.recorded(given, "gate", "runs/1/onnx", run.made):
        raise JobError("worse on the queries", "seogo eval compare")
    with record.recorded(given, "pairs", "others.jsonl"):
        pass
    for step in (made, run):
        loop = fetch(db, training.training_loop(step_id=step.step_id))
        assert [(s.kind, s.state) for s in loop] == [
            ("pairs", "done"), ("run", "done"), ("gate", "refused"),
        ]  # fmt: skip
    assert loop[0].refused == {"alike": 3}
    assert loop[1].facts == {"settings": {"batch": 8}}
    assert loop[1].last_at == 2
    assert (loop[2].error or "").startswith("worse")
    curve = fetch(db, training.training_curve(step_id=run.step_id))
    assert [(p.at, p.point["loss"]) for p in curve] == [(1, 2.0), (2, 1.0)]
    assert curve[0].point["nDCG@10"] == 0.5
    assert [p.at for p in fetch(db, training.training_curve(step_id=run.step_id, after=1))] == [2]
    with pytest.raises(UnknownName):
        fetch(db, training.training_loop(step_id=10**9))


def test_a_killed_run_is_interrupted_and_its_older_points_go_when_it_goes_back(
    db: Conn, db_url: str
) -> None:
    begin = training.begin(kind="run", name="runs/2", made_from=[], facts={})
    (killed,) = fetch(db, begin)
    (again,) = fetch(db, begin)
    states = {s.step_id: s.state for s in fetch(db, training.steps(limit=10, kind="run"))}
    assert states == {killed.id: "interrupted", again.id: "running"}
    for at in (1, 2, 3, 2):
        fetch(db, training.note(step_id=again.id, at=at, point={"loss": 1.0}))
    assert [p.at for p in fetch(db, training.training_curve(step_id=again.id))] == [1, 2]
