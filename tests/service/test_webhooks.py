"""Webhooks over HTTP: for administrators, with a secret that is shown once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.service.conftest import bearer, make_key

if TYPE_CHECKING:
    from tests.service.conftest import Client
    from tests.sql.helpers import Conn

HOOK = {"url": "https://mes.example/hook", "kinds": ["run.finished"], "filter": {"state": "failed"}}


def test_made_tested_replayed_and_deleted(client: Client, db: Conn) -> None:
    made = client.put("/webhooks/mes", json=HOOK).json()
    assert made["secret"].startswith("whsec_")
    assert made["webhook"]["filter"] == {"state": "failed"}
    again = client.put("/webhooks/mes", json=HOOK | {"paused": True}).json()
    assert (again["secret"], again["webhook"]["paused"]) == (None, True)
    assert made["secret"] not in client.get("/webhooks").text
    assert client.post("/webhooks/mes/secret", json={}).json()["secret"] != made["secret"]
    event = client.post("/webhooks/mes/test").json()["event_id"]
    (delivery,) = client.get("/webhooks/mes/deliveries?status=waiting").json()
    assert (delivery["event_id"], delivery["kind"]) == (event, "test")
    assert client.get("/events").json()[0]["data"] == {"webhook": "mes"}
    assert client.get(f"/events?after={event}").json() == []
    assert client.post("/webhooks/mes/replay", json={"event_id": event}).json() == {"events": 1}
    assert client.post("/webhooks/mes/replay", json={}).json() == {"events": 0}
    assert client.delete("/webhooks/mes").json() == {"waited": 1}
    assert client.post("/webhooks/mes/test").status_code == 404


def test_only_administrators_see_webhooks(client: Client, db: Conn) -> None:
    for scope, webhooks, events in (
        ("reader", 403, 200),
        ("writer", 403, 200),
        ("admin", 200, 200),
    ):
        key = bearer(make_key(db, scope))
        assert client.get("/webhooks", headers=key).status_code == webhooks
        assert client.get("/events", headers=key).status_code == events
    assert client.put("/webhooks/a", json=HOOK, headers=key).status_code == 200
    bad = client.put("/webhooks/a", json={"url": "ftp://a.example"}, headers=key)
    assert bad.status_code == 400
    assert client.put("/webhooks/a b", json=HOOK, headers=key).status_code == 400
