"""Contradictions over HTTP: judged in steps, listed, decided by the key's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.service.conftest import bearer, make_key
from tests.sql.helpers import put, put_picture, show

if TYPE_CHECKING:
    from tests.service.conftest import Client
    from tests.sql.helpers import Conn

pytestmark = pytest.mark.usefixtures("parts")
PATH = "/collections/parts"


def test_found_in_steps_and_decided_by_name(client: Client, db: Conn) -> None:
    ids = put(db, {key: {"part_number": f"{key}-1000"} for key in ("AB", "CD")})
    picture = put_picture(db, b"one file")
    for item in ids.values():
        show(db, item, picture)
    writer = bearer(make_key(db, "writer", collections=["parts"]))
    step = client.post(f"{PATH}/quality", json={}, headers=writer).json()
    assert step["done"]
    assert step["counts"]["opened"] == 1
    told = client.get(f"{PATH}/quality", headers=writer).json()
    assert told["counts"] == [{"collection": "parts", "rule": "duplicate", "state": "open", "n": 1}]
    assert told["run"]["run_id"] == step["run_id"]
    assert {"no picture", "no reader"} & {one["reason"] for one in told["unjudged"]}
    (row,) = client.get(f"{PATH}/contradictions?rule=duplicate", headers=writer).json()
    assert row["evidence"] == {"other": "AB"}
    one = f"{PATH}/contradictions/{row['contradiction_id']}"
    assert client.post(one, json={"state": "gone"}, headers=writer).status_code == 400
    done = client.post(one, json={"state": "accepted", "note": "both"}, headers=writer)
    assert done.json() == {"state": "accepted"}
    assert client.get(f"{PATH}/contradictions", headers=writer).json() == []
    (row,) = client.get(f"{PATH}/contradictions?status=accepted", headers=writer).json()
    assert row["note"] == "both"
    assert row["decided_by"]
    again = client.post(f"{PATH}/quality", json={"run_id": 999}, headers=writer)
    assert again.status_code == 404
