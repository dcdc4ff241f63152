"""The loop of training over HTTP: steps, loops, curves; for keys that see everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.calls.query import fetch
from db.operations import training
from tests.service.conftest import bearer, make_key
from tests.sql.helpers import make_collection

if TYPE_CHECKING:
    from tests.service.conftest import Client
    from tests.sql.helpers import Conn


def test_steps_are_linked_and_runs_followed(client: Client, db: Conn) -> None:
    make_collection(db, "parts")
    reader = bearer(make_key(db, "reader"))
    (pairs,) = fetch(db, training.begin(kind="pairs", name="p.jsonl", made_from=[], facts={}))
    fetch(db, training.end(step_id=pairs.id, state="done", made=["d"], refused={"repeated": 2}))
    (run,) = fetch(db, training.begin(kind="run", name="r", made_from=["d"], facts={"steps": 9}))
    fetch(db, training.note(step_id=run.id, at=0, point={"nDCG@10": 0.5}))
    fetch(db, training.note(step_id=run.id, at=1, point={"loss": 2.5}))
    listed = client.get("/training/steps", headers=reader).json()
    assert [(one["kind"], one["state"]) for one in listed] == [
        ("run", "running"),
        ("pairs", "done"),
    ]
    assert listed[1]["refused"] == {"repeated": 2}
    assert (listed[0]["last_at"], listed[0]["last_point"]) == (1, {"loss": 2.5})
    runs = client.get("/training/steps?kind=run&limit=1", headers=reader).json()
    assert [one["step_id"] for one in runs] == [run.id]
    older = client.get(f"/training/steps?before={run.id}", headers=reader).json()
    assert [one["step_id"] for one in older] == [pairs.id]
    loop = client.get(f"/training/steps/{run.id}", headers=reader).json()
    assert [one["step_id"] for one in loop] == [pairs.id, run.id]
    curve = client.get(f"/training/steps/{run.id}/curve?after=0", headers=reader).json()
    assert curve == [{"at": 1, "point": {"loss": 2.5}}]
    assert client.get("/training/steps/999", headers=reader).status_code == 404
    narrow = bearer(make_key(db, "reader", collections=["parts"]))
    assert client.get("/training/steps", headers=narrow).status_code == 403
