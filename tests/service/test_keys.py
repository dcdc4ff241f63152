"""API keys over HTTP: made, replaced and ended by administrators, shown once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.service.conftest import bearer, make_key

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from tests.service.conftest import Client

pytestmark = pytest.mark.usefixtures("forgetful", "parts")


def shown(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_key_is_made_replaced_and_ended(
    make_client: Callable[..., Client], db: psycopg.Connection[Any]
) -> None:
    client = make_client()
    admin = bearer(make_key(db, "admin"))
    body = {"name": "shop", "collections": ["parts"], "days": 30}
    made = client.post("/keys", json=body, headers=admin).json()
    assert client.get("/session", headers=shown(made["token"])).json()["collections"] == ["parts"]
    assert client.get("/keys", headers=shown(made["token"])).status_code == 403
    listed = client.get("/keys", headers=admin)
    assert made["token"].rpartition("_")[2] not in listed.text
    row = next(row for row in listed.json() if row["prefix"] == made["prefix"])
    assert (row["name"], row["scope"], row["state"]) == ("shop", "reader", "valid")
    rotated = client.post(
        f"/keys/{made['prefix']}/rotation", json={"grace_hours": 1}, headers=admin
    ).json()
    for token in (made["token"], rotated["token"]):
        assert client.get("/session", headers=shown(token)).status_code == 200
    assert client.delete(f"/keys/{rotated['prefix']}", headers=admin).status_code == 204
    assert client.get("/session", headers=shown(rotated["token"])).status_code == 401
    again = client.delete(f"/keys/{rotated['prefix']}", headers=admin)
    assert (again.status_code, again.json()["hint"]) == (404, "GET /keys lists them.")
    assert client.post("/keys", json={"name": " "}, headers=admin).status_code == 400
