"""Did you mean: offered with a search, applied where the words as typed find nothing, refused on request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from db.calls.query import fetch
from db.operations import lexical_index
from jobs import maintain
from jobs.cli import app
from jobs.schedule.tasks import TASKS
from tests.service.conftest import bearer, make_key

if TYPE_CHECKING:
    import psycopg

    from tests.service.conftest import Client

URL = "/collections/parts/search"
CORRECT = "/collections/parts/correct"


@pytest.fixture(autouse=True)
def counted(db: psycopg.Connection[Any], parts: str) -> None:
    """The words of the parts are counted."""
    assert maintain.run(db, parts).counted == 3


def ask(client: Client, **request: Any) -> Any:
    answer = client.post(URL, json=request)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(answer: Any) -> list[str]:
    return [hit["external_id"] for hit in answer["hits"]]


def test_a_correction_is_offered_beside_the_hits(client: Client) -> None:
    answer = ask(client, query="진공 실린덩")
    assert ids(answer) == ["P-3", "P-1"] or ids(answer) == ["P-1", "P-3"]
    assert answer["did_you_mean"] == {
        "typed": "진공 실린덩",
        "query": "진공 실린더",
        "changes": [{"typed": "실린덩", "meant": "실린더", "how": "typing", "items": 1}],
        "applied": False,
    }


def test_where_nothing_has_the_words_the_corrected_ones_are_searched_for(client: Client) -> None:
    answer = ask(client, query="wlsrhd vjavm", facets=["maker"], highlight=True, explain=True)
    assert ids(answer) == ["P-1"]
    assert answer["did_you_mean"]["query"] == "진공 펌프"
    assert answer["did_you_mean"]["applied"] is True
    assert answer["facets"] == {"maker": [{"value": "SMC", "items": 1}]}
    assert "<mark>" in answer["hits"][0]["highlights"]["title"]
    assert ids(ask(client, query="wlsrhd vjavm", skip=1)) == []


@pytest.mark.parametrize("correct", ["suggest", "off"])
def test_it_can_be_refused(client: Client, correct: str) -> None:
    answer = ask(client, query="vacum", correct=correct)
    assert answer["hits"] == []
    assert answer.get("did_you_mean", {}).get("query") == (
        "vacuum" if correct == "suggest" else None
    )
    assert answer.get("did_you_mean", {}).get("applied", False) is False


def test_it_is_not_applied_where_the_corrected_words_find_nothing(client: Client) -> None:
    answer = ask(client, query="vacum", filter={"maker": "TPC"})
    assert (answer["hits"], answer["did_you_mean"]["applied"]) == ([], False)


def test_it_is_not_applied_without_a_leg_of_words(client: Client) -> None:
    answer = ask(client, query="vacum", legs=[{"kind": "identifier"}])
    assert (answer["hits"], answer["did_you_mean"]["applied"]) == ([], False)


def test_right_words_have_no_correction(client: Client) -> None:
    assert "did_you_mean" not in ask(client, query="진공 펌프")
    assert client.post(URL, json={"query": "pump", "correct": "yes"}).status_code == 400


def test_correct_alone(client: Client, db: psycopg.Connection[Any]) -> None:
    answer = client.get(CORRECT, params={"query": "vacum ㅔㅕㅡㅔㄴ"})
    assert answer.json() == {
        "corrected": "vacuum pumps",
        "changes": [
            {"typed": "vacum", "meant": "vacuum", "how": "typing", "items": 1},
            {"typed": "ㅔㅕㅡㅔㄴ", "meant": "pumps", "how": "keyboard", "items": 1},
        ],
        "unchecked": 0,
        "uncounted": 0,
    }
    db.execute("DELETE FROM core.item WHERE external_id = 'P-3'")
    assert client.get(CORRECT, params={"query": "pump"}).json()["uncounted"] == 1
    assert client.get(CORRECT, params={"query": ""}).status_code == 400
    assert client.get("/collections/nope/correct", params={"query": "a"}).status_code == 404


def test_a_key_corrects_only_by_words_of_its_collections(
    client: Client, db: psycopg.Connection[Any], secret: dict[str, Any]
) -> None:
    maintain.run(db, "secret")
    limited = bearer(make_key(db, collections=["parts"]))
    assert (
        client.get(CORRECT, params={"query": "hiden"}, headers=limited).json()["corrected"] is None
    )
    answer = client.get("/collections/secret/correct", params={"query": "hiden"}, headers=limited)
    assert answer.status_code == 404
    whole = bearer(make_key(db))
    answer = client.get("/collections/secret/correct", params={"query": "hiden"}, headers=whole)
    assert answer.json()["corrected"] == "hidden"


def test_on_the_command_line(db_url: str, db: psycopg.Connection[Any]) -> None:
    def run(*line: str) -> Any:
        env = {"SEOGO_DATABASE_URL": db_url, "COLUMNS": "200"}
        return CliRunner().invoke(app, line, env=env, catch_exceptions=False)

    done = run("correct", "-c", "parts", "vacum wlsrhd")
    assert done.stdout.splitlines() == [
        "vacuum 진공",
        "  vacum -> vacuum  (typing; 1 items have it)",
        "  wlsrhd -> 진공  (keyboard; 1 items have it)",
    ]
    assert run("correct", "-c", "parts", "pump").stdout == "nothing to correct\n"
    assert '"corrected":null' in run("correct", "-c", "parts", "--json", "pump").stdout
    db.execute("DELETE FROM core.item WHERE external_id = 'P-3'")
    assert "the words of 1 items are not counted" in run("correct", "-c", "parts", "x").stderr
    assert "the 21 words are not looked at" in run("correct", "-c", "parts", "pump " * 21).stderr
    searched = run("search", "-c", "parts", "vacum")
    assert "nothing has vacum; results for: vacuum" in searched.stderr
    assert "P-2" in searched.stdout
    typed = run("search", "-c", "parts", "--as-typed", "vacum")
    assert "did you mean: vacuum" in typed.stderr
    assert "nothing found" in typed.stdout


def test_the_scheduler_counts_words(db: psycopg.Connection[Any]) -> None:
    db.execute("DELETE FROM core.vocabulary")
    (task,) = [task for task in TASKS if task.name == "merge_postings"]
    assert task.run(db, None, lambda: None)["counted"] == 3  # type: ignore[arg-type]
    step = lexical_index.vocabulary_step(collection="parts", batch_n=10)
    assert fetch(db, step)[0].value == 0
