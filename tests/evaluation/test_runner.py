"""Runs by the job: vectors made once, refusals kept, nothing left of what was interrupted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from db.calls.query import fetch
from db.evaluation import evals, query_sets
from db.evaluation.rows import QueryIn
from db.rows import Leg
from db.spaces import embedding
from encoders import registry
from encoders.settings import EncoderSettings
from encoders.text.dummy import DummyEncoder
from flows.encoding import EncoderChanged
from jobs import embed
from jobs.evaluation import runner
from jobs.evaluation.runner import BadLegs, Settings, parse_legs
from tests.evaluation.support import items, make_set, means
from tests.searching import searched
from tests.sql.helpers import column

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

ENCODERS = EncoderSettings(text_encoder="dummy")
SET = Settings(collection="parts", query_set="set")
TITLES = {"A": "dry pump", "B": "진공 펌프", "C": "seal kit", "D": "pump seal"}


@pytest.fixture
def parts(db: Conn, dummy_space: int) -> Conn:
    items(db, TITLES, vector_sources={"text": {"item": ["title"]}})
    embed.run(db, fetch(db, embedding.live_spaces())[0], DummyEncoder(registry.spec("dummy")))
    return db


def test_answers_are_those_of_the_search_command_and_vectors_are_made_once(parts: Conn) -> None:
    texts = ["pump seal", " 진공 펌프 ", "pump"]
    make_set(parts, texts, {"pump": {"A": 1}})
    seen: list[tuple[int, int]] = []
    first, done = runner.run(parts, ENCODERS, SET, lambda *n: seen.append(n))
    assert (done.queries, done.answered, done.failed) == (3, 3, 0)
    assert seen == [(1, 3), (2, 3), (3, 3)]
    for answer, text in zip(fetch(parts, query_sets.rankings(run_id=first)), texts, strict=True):
        found = searched(parts, ENCODERS, collection="parts", query=text, k=100)
        assert found.degraded == []
        assert answer.external_ids == [hit.external_id for hit in found.hits]
        assert answer.scores == pytest.approx([hit.score for hit in found.hits])
    assert column(parts, "SELECT count(*) FROM ops.query_vector WHERE vec IS NOT NULL") == [3]
    second, _ = runner.run(parts, ENCODERS, SET)
    assert fetch(parts, query_sets.rankings(run_id=second)) == fetch(
        parts, query_sets.rankings(run_id=first)
    )
    runs = fetch(parts, evals.runs(query_set="set"))
    assert [run.encode_p50_ms is None for run in runs] == [False, True]
    assert runs[0].encoders == {"text": registry.spec("dummy").identity}
    assert runs[0].code_version


def test_a_query_that_cannot_be_answered_counts_as_nothing_found(parts: Conn) -> None:
    queries = [QueryIn(external_id="1", item="gone"), QueryIn(external_id="2", item="A")]
    make_set(parts, queries, {"1": {"A": 1}, "2": {"D": 1}})
    run_id, done = runner.run(parts, ENCODERS, SET)
    assert (done.queries, done.answered, done.failed) == (2, 2, 1)
    refused = fetch(parts, query_sets.refused(run_id=run_id))
    assert [(r.query, r.error) for r in refused] == [
        ("1", "query 1 is an item that collection parts does not have: gone")
    ]
    assert means(parts, run_id, ["R@5"]) == [0.5]


def test_what_was_interrupted_is_forgotten(parts: Conn) -> None:
    make_set(parts, ["pump", "seal"])

    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runner.run(parts, ENCODERS, SET, stop)
    parts.execute("UPDATE ops.space SET identity = 'another model'")
    with pytest.raises(EncoderChanged, match="Space text was made by"):
        runner.run(parts, ENCODERS, Settings(collection="parts", query_set="set", label="2"))
    assert column(parts, "SELECT id FROM eval.run") == []
    assert column(parts, "SELECT run_id FROM eval.run_query") == []


def test_legs_are_read_from_the_command_line() -> None:
    assert parse_legs("lexical, identifier:weight=2.5,text:source=question:pool_n=50:name=q") == [
        Leg(kind="lexical"),
        Leg(kind="identifier", weight=2.5),
        Leg(kind="vector", space="text", source="question", pool_n=50, name="q"),
    ]


@pytest.mark.parametrize(
    "text",
    ["lexical:weight", "lexical:weight=x", "lexical:weight=-1", "lexical:k=3", "text:pool_n=0"],
)
def test_other_options_of_legs_are_refused(text: str) -> None:
    with pytest.raises(BadLegs, match=text.split("=")[0]):
        parse_legs(text)
