"""Synonyms over HTTP: groups added, replaced, removed, and as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.service.conftest import Client

pytestmark = pytest.mark.usefixtures("parts")
PATH = "/collections/parts/synonyms"


def found(client: Client, query: str) -> list[str]:
    answer = client.post(
        "/collections/parts/search",
        json={"query": query, "legs": [{"kind": "lexical"}], "correct": "off"},
    )
    assert answer.status_code == 200, answer.text
    return [hit["external_id"] for hit in answer.json()["hits"]]


def test_groups_are_in_force_at_once_and_go_again(client: Client) -> None:
    before = found(client, "펌프")
    assert before
    assert found(client, "whirligig") == []
    done = client.post(PATH, json=[{"words": ["whirligig", "펌프"]}, {"words": ["..", "펌프"]}])
    assert done.status_code == 200
    assert {**done.json(), "refused": None} == {
        "added": 1,
        "kept": 0,
        "removed": 0,
        "refused": None,
    }
    assert list(done.json()["refused"]) == ["2"]
    assert sorted(found(client, "whirligig")) == sorted(before)
    (group,) = client.get(PATH).json()
    assert client.delete(f"{PATH}/{group['group_id']}").status_code == 204
    assert client.delete(f"{PATH}/{group['group_id']}").status_code == 404
    assert found(client, "whirligig") == []


def test_a_table_comes_back_as_it_was_sent(client: Client) -> None:
    table = "words,typed,weight\npump | 펌프,,1\npacking | 패킹,seal,0.8\n"
    sent = client.post(f"{PATH}/import", files={"table": ("s.csv", table.encode())})
    assert sent.json() == {"added": 2, "kept": 0, "removed": 0, "refused": {}}
    assert client.get(f"{PATH}/export").text == table
    bad = client.post(
        f"{PATH}/import",
        files={"table": ("s.csv", b"words,weight\na | b,much\nc,\npump | x,\n")},
        data={"replace": "true"},
    )
    assert {**bad.json(), "refused": list(bad.json()["refused"])} == {
        "added": 1,
        "kept": 0,
        "removed": 0,
        "refused": ["2", "3"],
    }
    replaced = client.put(PATH, json=[{"words": ["pump", "x"]}])
    assert replaced.json() == {"added": 0, "kept": 1, "removed": 2, "refused": {}}
    assert client.put("/collections/none/synonyms", json=[]).status_code == 404
