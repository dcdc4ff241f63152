"""Suggestions over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import psycopg

    from tests.service.conftest import Client

URL = "/collections/parts/suggest"
pytestmark = pytest.mark.usefixtures("parts")


def test_a_word_half_typed_is_completed(client: Client) -> None:
    answer = client.get(URL, params={"prefix": "진고", "k": 3}).json()
    assert answer["state"] == "ready"
    assert answer["suggestions"][0]["text"] == "진공"
    assert set(answer["suggestions"][0]) == {"text", "source", "n", "how", "lower_bound", "ignored"}


def test_the_wrong_keyboard_and_a_filter(client: Client) -> None:
    found = client.get(URL, params={"prefix": "wlsrhd"}).json()["suggestions"]
    assert (found[0]["text"], found[0]["how"]) == ("진공", "keyboard")
    answer = client.get(URL, params={"prefix": "진공", "filter": '{"nobody": 1}'}).json()
    assert answer["suggestions"] == []


def test_errors_say_what_is_wrong(client: Client) -> None:
    assert client.get(URL).status_code == 400
    assert client.get(URL, params={"prefix": "a" * 201}).status_code == 400
    assert client.get(URL, params={"prefix": "a", "k": 51}).status_code == 400
    assert client.get("/collections/nowhere/suggest", params={"prefix": "a"}).status_code == 404
    assert client.get(URL, params={"prefix": "a", "filter": "{"}).status_code == 400


def test_the_state_is_told(client: Client, db: psycopg.Connection[object]) -> None:
    db.execute("UPDATE core.collection SET titles_stale = true")
    assert client.get(URL, params={"prefix": "없다"}).json()["state"] == "building"
    db.execute("SELECT ops.set_suggestions('parts', title_fields => '{}')")
    answer = client.get(URL, params={"prefix": "진고"}).json()
    assert (answer["state"], answer["suggestions"]) == ("off", [])
