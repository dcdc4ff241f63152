"""Saved profiles: what may be saved, and trials that put one to use only where it is better."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from msgspec import structs

from db.calls.query import fetch
from db.errors import BadRequest, UnknownName
from db.evaluation import live, profiles, tuning
from db.search import functions, proposals, query_log
from db.search.query_log import LoggedHit
from db.spaces import embedding
from encoders import registry
from encoders.settings import EncoderSettings
from encoders.text.dummy import DummyEncoder
from jobs import embed, loop
from jobs.tuning import trials
from jobs.tuning.lists import NotTunable
from jobs.tuning.profiles import TuningOptions
from jobs.tuning.validation import Splits
from tests.evaluation.support import items, make_set
from tests.sql.helpers import column
from tests.sql.test_query_log import search

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

WORDS = [f"{first}{second}" for first in ("pump", "valve", "motor") for second in "abcdefgh"]


@pytest.fixture
def judged(db: Conn, dummy_space: int) -> Conn:
    """Items that words find, and vectors of hashes that find nothing; in use is what trusts the vectors."""
    items(db, {w: f"{w} common" for w in WORDS}, vector_sources={"text": {"item": ["title"]}})
    embed.run(db, fetch(db, embedding.live_spaces())[0], DummyEncoder(registry.spec("dummy")))
    make_set(db, [f"{w} please" for w in WORDS], {f"{w} please": {w: 1} for w in WORDS})
    save(db, "vectors", {"lexical": 0.05, "text": 3})
    fetch(db, profiles.activate(collection="parts", profile="vectors"))
    return db


def save(db: Conn, name: str, weights: dict[str, Any], **more: Any) -> None:
    fetch(db, profiles.save_profile(collection="parts", profile=name, weights=weights, **more))


def stands(db: Conn) -> dict[str, profiles.FusionProfile]:
    return {row.profile: row for row in fetch(db, profiles.profiles(collection="parts"))}


def request_trial(db: Conn, name: str) -> None:
    call = profiles.request_trial(collection="parts", profile=name, query_set="set")
    fetch(db, call)


def test_a_trial_puts_to_use_what_is_better_and_keeps_what_is_not(judged: Conn) -> None:
    save(judged, "words", {"lexical": 1, "text": 0})
    save(judged, "worse", {"lexical": 0, "text": 1})
    for name in ("worse", "words"):
        request_trial(judged, name)
    assert stands(judged)["words"].trial is not None
    counts = trials.hold_waiting(judged, EncoderSettings())
    assert counts == {"activated": 1, "kept": 1, "failed": 0}
    after = stands(judged)
    assert [name for name, row in after.items() if row.active] == ["words"]
    assert (after["words"].decided, after["worse"].decided) == (True, False)
    assert "below leg lexical alone" in (after["worse"].reason or "")
    assert all(row.trial is None for row in after.values())
    live = fetch(judged, tuning.live_fusion(collection="parts"))[0]
    assert (live.name, live.weights) == ("words", {"lexical": 1, "text": 0})
    first, second = fetch(judged, tuning.decisions())
    assert [first.in_use, second.in_use] == [True, False]
    with pytest.raises(BadRequest, match="is in use already"):
        request_trial(judged, "words")


def test_a_fusion_learned_from_clicks_is_proposed_and_accepted_tested_live(
    judged: Conn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People open what words find; a policy puts the fusion learned from that to a live test."""
    quick = partial(TuningOptions, splits=Splits(outer=2, inner=2, repeats=1))
    monkeypatch.setattr(loop, "TuningOptions", quick)
    improve = partial(loop.improve, judged, EncoderSettings(), "parts")
    assert improve(accept=True) == {"labels": 0, "profiles": 0}
    asked = [f"{word} please" for word in WORDS for _ in range(6)]
    rows = [
        structs.replace(search(q, []), hits=[LoggedHit(external_id=q[:-7], rank=1, legs={})])
        for q in asked
    ]
    fetch(judged, query_log.log_searches(searches=rows, keep=timedelta(days=1)))
    click = "SELECT ops.log_click('parts', %s, %s, 1, '1 day')"
    judged.cursor().executemany(click, [(q, q[:-7]) for q in asked])
    assert improve(accept=False)["profiles"] == 1
    (row,) = fetch(judged, proposals.proposals(only_kind="profile"))
    assert row.subject.startswith("clicks-")
    assert (row.evidence["source"], row.evidence["queries"]) == ("clicks", len(WORDS))
    assert fetch(judged, tuning.live_fusion(collection="parts"))[0].name == "vectors"
    other = {"collection": "parts", "profile": "mine"}
    save(judged, "mine", {"text": 2})
    by_hand = fetch(judged, live.start_live_test(**other))[0].id
    assert "accepted" not in improve(accept=True)  # waits for the test that a person began
    fetch(judged, live.stop_live_test(collection="parts", test_id=by_hand))
    assert improve(accept=True)["accepted"] == 1  # the open one; no other is learned beside it
    test, _ = fetch(judged, live.live_tests(collection="parts"))
    assert (test.profile, test.rival, test.policy) == (row.subject, "vectors", "activate")
    (decided,) = fetch(judged, proposals.proposals(only_state="accepted"))
    assert decided.decided_by == "policy"
    assert "runs" in loop.propose_profile(judged, EncoderSettings(), "parts")


def test_a_trial_that_cannot_be_held_says_why_and_is_not_repeated(judged: Conn) -> None:
    save(judged, "words", {"lexical": 1, "text": 0})
    request_trial(judged, "words")
    judged.execute(
        "DELETE FROM eval.judgment AS j USING eval.query AS q WHERE q.id = j.query_id AND q.external_id > 'n'"
    )
    (waits,) = fetch(judged, profiles.waiting())
    with pytest.raises(NotTunable, match="8 judged queries decide nothing"):
        trials.hold(judged, EncoderSettings(), waits)
    trial = stands(judged)["words"].trial
    assert trial is not None
    assert "8 judged queries decide nothing" in trial["error"]
    assert sum(trials.hold_waiting(judged, EncoderSettings()).values()) == 0
    request_trial(judged, "words")
    assert trials.hold_waiting(judged, EncoderSettings())["failed"] == 1


@pytest.mark.parametrize(
    ("name", "settings", "fault"),
    [
        ("a", {"weights": {"colour": 1}}, 'the weight "colour": 1'),
        ("a", {"weights": {"lexical": -1}}, 'the weight "lexical": -1'),
        ("a", {"weights": {"lexical": "2"}}, 'the weight "lexical": "2"'),
        ("a", {"weights": {"lexical": 0, "identifier": 0, "text": 0}}, "all legs would weigh"),
        ("a", {"weights": {}, "method": "lambdamart"}, "cannot fuse by method lambdamart"),
        ("tuned-3", {"weights": {}}, "cannot be named 'tuned-3'"),
        ("", {"weights": {}}, "cannot be named ''"),
        ("vectors", {"weights": {}}, "is in use, or was learned"),
    ],
)
def test_what_cannot_fuse_is_not_saved(
    judged: Conn, name: str, settings: dict[str, Any], fault: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        fetch(judged, profiles.save_profile(collection="parts", profile=name, **settings))
    assert fault in str(refused.value)
    assert set(stands(judged)) == {"vectors"}


def test_a_search_may_name_a_profile_and_one_that_is_not_in_use_can_be_dropped(
    judged: Conn,
) -> None:
    save(judged, "words", {"lexical": 3}, note="why")
    save(judged, "words", {"lexical": 1, "text": 0}, note="better")
    asked = functions.hybrid(collection="parts", query="pumpa please", profile="words", k=1)
    (hit,) = fetch(judged, asked)
    assert column(judged, "SELECT external_id FROM core.item WHERE id = %s", [hit.item_id]) == [
        "pumpa"
    ]
    assert stands(judged)["words"].note == "better"
    assert fetch(judged, profiles.drop_profile(collection="parts", profile="words"))[0].done
    assert not fetch(judged, profiles.drop_profile(collection="parts", profile="words"))[0].done
    with pytest.raises(BadRequest, match="is in use"):
        fetch(judged, profiles.drop_profile(collection="parts", profile="vectors"))
    with pytest.raises(UnknownName, match="has no profile words"):
        request_trial(judged, "words")


def test_answers_are_measured_by_the_grades_of_the_query(db: Conn) -> None:
    items(db, {"a": "one", "b": "two"})
    asked = "  진공 펌프 "
    named = fetch(db, profiles.add_query(query_set="asked", query=asked))[0].query
    assert named == "진공 펌프"
    assert fetch(db, profiles.add_query(query_set="asked", query="진공 펌프"))[0].query == named
    long = "x" * 600
    first, second = (
        fetch(db, profiles.add_query(query_set="asked", query=long + end))[0].query for end in "ab"
    )
    assert first != second
    db.execute(
        "INSERT INTO eval.judgment (query_id, source, external_id, grade)"
        " SELECT q.id, 'people', g.item, g.grade FROM eval.query AS q,"
        " (VALUES ('a', 0), ('b', 2)) AS g(item, grade) WHERE q.text = %s",
        [named],
    )
    rankings = {"left": ["b", "a"], "right": ["a", "b"], "none": []}
    call = profiles.judged_answers(
        query_set="asked", query=asked, source="people", rankings=rankings
    )
    found = fetch(db, call)[0]
    assert found.grades == {"a": 0, "b": 2}
    assert found.measured["left"]["nDCG@10"] == 1
    assert found.measured["right"]["nDCG@10"] == pytest.approx(0.6309, abs=1e-4)
    assert found.measured["none"]["nDCG@10"] == 0
    unknown = profiles.judged_answers(query_set="asked", query="?", source="people", rankings={})
    assert fetch(db, unknown)[0].external_id is None
