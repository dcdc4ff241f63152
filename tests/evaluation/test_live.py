"""Live tests of profiles: the draft, the evidence, what clicks decide; judgments of clicks; proposals."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import psycopg
import pytest
from msgspec import structs

from db.calls.query import fetch
from db.errors import BadRequest, UnknownName
from db.evaluation import live, profiles, query_sets, tuning
from db.search import functions, proposals, query_log
from db.search.query_log import LoggedHit
from encoders.settings import EncoderSettings
from flows import effects
from flows.live import LiveOffer
from flows.local import Local
from flows.search import run
from flows.search.request import SearchIn
from tests.evaluation.support import items, make_set
from tests.sql.helpers import column
from tests.sql.test_query_log import search

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

DAY = timedelta(days=1)
DECIDES = math.log(20)


@pytest.fixture
def parts(db: Conn) -> Conn:
    """Items that words and numbers rank alike, with a profile to test."""
    items(db, {f"P{n}": "pump " + "common " * n for n in range(1, 13)})
    save(db, "words")
    return db


def save(db: Conn, name: str, **settings: Any) -> None:
    fetch(db, profiles.save_profile(collection="parts", profile=name, **settings))


def begin(db: Conn, name: str = "words", **settings: Any) -> int:
    return fetch(db, live.start_live_test(collection="parts", profile=name, **settings))[0].id


def stands(db: Conn) -> live.LiveTest:
    return fetch(db, live.live_tests(collection="parts"))[0]


def ids(db: Conn) -> dict[str, int]:
    return dict(db.execute("SELECT external_id, id FROM core.item ORDER BY id").fetchall())


def decide(db: Conn, test_id: int, outcomes: list[int], first: int = 0) -> None:
    """Answers of which an item of the profile (1) or of the fusion in use (-1) is opened first."""
    found = ids(db)
    drafted = [
        {"test_id": test_id, "answer": first + n, "a": [found["P1"]], "b": [found["P2"]]}
        for n in range(len(outcomes))
    ]
    fetch(db, live.note_answers(answers=drafted))
    for n, won in enumerate(outcomes):
        opened = "P2" if won > 0 else "P1"
        of = {"collection": "parts", "test_id": test_id, "answer": first + n}
        fetch(db, live.count_click(external_id=opened, **of))


def draft(db: Conn, a: list[int], b: list[int], coins: int) -> list[tuple[int, str]]:
    asked = "SELECT item_id, team FROM impl.team_draft(%s, %s, %s) ORDER BY rank"
    return db.execute(asked, [a, b, coins]).fetchall()


def test_a_draft_is_fair_complete_and_leaves_out_what_both_begin_with(db: Conn) -> None:
    a, b = [1, 2, 3, 4, 5], [1, 4, 3, 6]
    firsts = []
    for coins in range(60):
        drafted = draft(db, a, b, coins)
        assert drafted == draft(db, a, b, coins)
        assert sorted(item for item, _ in drafted) == [1, 2, 3, 4, 5, 6]
        assert drafted[0] == (1, "both")
        picked: list[int] = [1]
        for item, team in drafted[1:]:  # each side picks its best that is not picked yet
            assert item == next(one for one in (a if team == "a" else b) if one not in picked)
            picked.append(item)
        assert {team for _, team in drafted[1:3]} == {"a", "b"}
        firsts.append(drafted[1][1])
    assert 18 <= firsts.count("a") <= 42
    assert {team for _, team in draft(db, a, a, 7)} == {"both"}
    assert draft(db, [], [], 1) == []
    assert draft(db, [1], [], 1) == [(1, "a")]


def oracle(wins: int, losses: int) -> float:
    shares = 0.5 + np.arange(1, 20) / 40
    return float(
        np.logaddexp.reduce(wins * np.log(2 * shares) + losses * np.log(2 - 2 * shares))
    ) - math.log(19)


def test_evidence_is_the_mean_of_likelihood_ratios(db: Conn) -> None:
    for wins, losses in [(0, 0), (1, 0), (60, 30), (5, 400), (90_000, 10_000)]:
        (found,) = column(db, "SELECT impl.log_evidence(%s, %s)", [wins, losses])
        assert found == pytest.approx(oracle(wins, losses), abs=1e-9)


def test_a_better_profile_is_found_and_an_equal_one_hardly_ever() -> None:
    """600 tests of 600 answers, looked at after each; the evidence is that of the SQL, by the oracle."""
    most, runs, rng = 600, 600, np.random.default_rng(5)
    shares = 0.5 + np.arange(1, 20) / 40
    step = np.log(2 * shares)[:, None] - np.log(2 - 2 * shares)[:, None]

    def ever(p: float) -> float:
        wins = np.cumsum(rng.random((runs, most)) < p, axis=1)
        n = np.arange(1, most + 1)
        best = np.full(wins.shape, -np.inf)
        for one in range(len(shares)):
            best = np.logaddexp(best, wins * step[one] + n * np.log(2 - 2 * shares[one]))
        return float((best - math.log(19) >= DECIDES).any(axis=1).mean())

    assert ever(0.5) <= 0.05
    assert ever(0.45) <= 0.02
    assert ever(0.62) >= 0.98


def test_a_search_in_a_test_is_drafted_from_both_fusions(parts: Conn) -> None:
    save(
        parts,
        "upside",
        method="weighted",
        normalization="none",
        weights={"lexical": 0, "identifier": 1},
    )
    asked: dict[str, Any] = {"collection": "parts", "query": "pump common"}
    one = [hit.item_id for hit in fetch(parts, functions.hybrid(**asked))]
    same = fetch(parts, functions.interleaved(**asked, profile="words", coins=3))
    assert [hit.item_id for hit in same] == one
    assert {hit.adjustments.live for hit in same if hit.adjustments} == {"both"}
    mixed = fetch(parts, functions.interleaved(**asked, profile="upside", coins=3, k=6))
    pages = [
        fetch(parts, functions.interleaved(**asked, profile="upside", coins=3, k=2, skip=skip))
        for skip in (0, 2, 4)
    ]
    assert [hit.item_id for page in pages for hit in page] == [hit.item_id for hit in mixed]
    other = [hit.item_id for hit in fetch(parts, functions.hybrid(**asked, profile="upside"))]
    (row,) = parts.execute(
        "SELECT array_agg(item_id ORDER BY rank) FROM impl.team_draft(%s, %s, 3)", [one, other]
    )
    assert [hit.item_id for hit in mixed] == row[0][:6]
    parts.execute("SELECT ops.pin_item('parts', 'pump common', 'P9', 1)")
    pinned = fetch(parts, functions.interleaved(**asked, profile="upside", coins=3))
    assert {hit.adjustments.live for hit in pinned if hit.adjustments} == {"both"}


class Service(Local):
    """Answers as the service does while a live test runs, with a reranker that likes long texts."""

    used = tuning.Reranker(model="longest", revision="1", top_n=3, blend=1.0, threshold=None)

    def __init__(self, db: Conn) -> None:
        super().__init__(db, EncoderSettings())
        self.read: list[int] = []

    def _perform(self, effect: Any) -> Any:
        match effect:
            case effects.TestOffered(collection):
                rows = fetch(self._conn, live.running(collection=collection))
                return LiveOffer(rows[0], "somebody") if rows else None
            case effects.UsedReranker():
                return self.used
            case effects.Score(_, _, texts):
                self.read.append(len(texts))
                return np.array([float(len(text)) for text in texts])
        return super()._perform(effect)


def test_each_side_of_a_draft_is_reranked_before_it(parts: Conn) -> None:
    save(
        parts,
        "upside",
        method="weighted",
        normalization="none",
        weights={"lexical": 0, "identifier": 1},
    )
    begin(parts, "upside")
    asked = SearchIn(query="pump common", k=8)
    service = Service(parts)
    found = service.run(run.search("parts", asked))
    assert (found.reranker, found.degraded) == ("longest", [])
    assert found.live is not None
    sides = []
    for profile in (None, "upside"):
        ranking = functions.hybrid(collection="parts", query="pump common", profile=profile)
        ranked = [(hit.item_id, len(hit.fields["title"])) for hit in fetch(parts, ranking)]
        sides.append([*sorted(ranked[:3], key=lambda one: -one[1]), *ranked[3:]])
    a, b = ([item for item, _ in side] for side in sides)
    assert a != b
    want = draft(parts, a, b, found.live.answer)[:8]
    told = [(hit.item_id, hit.adjustments and hit.adjustments.live) for hit in found.hits]
    assert told == want
    assert {side for _, side in want} >= {"a", "b"}
    assert [hit.rank for hit in found.hits] == list(range(1, 9))
    assert service.read == [len({*a[:3], *b[:3]})], "each item is read once"
    later = service.run(run.search("parts", structs.replace(asked, k=3, skip=4)))
    assert [hit.item_id for hit in later.hits] == [item for item, _ in want[4:7]]
    parts.execute("SELECT ops.pin_item('parts', 'pump common', 'P9', 1)")
    pinned = service.run(run.search("parts", asked))
    assert {hit.adjustments.live for hit in pinned.hits if hit.adjustments} == {"both"}


def test_the_first_item_opened_decides_an_answer_once(parts: Conn) -> None:
    test_id = begin(parts)
    found = ids(parts)
    of = {"collection": "parts", "test_id": test_id, "answer": 1}
    drafted = {"test_id": test_id, "answer": 1, "a": [found["P1"]], "b": [found["P2"]]}
    assert fetch(parts, live.note_answers(answers=[drafted]))[0].n == 1
    assert fetch(parts, live.note_answers(answers=[drafted, drafted]))[0].n == 0
    clicks = [
        fetch(parts, live.count_click(external_id=opened, **of))[0].done
        for opened in ("P3", "P2", "P1")  # of neither side; of the profile; too late
    ]
    assert clicks == [False, True, False]
    assert not fetch(parts, live.count_click(external_id="P1", **(of | {"answer": 2})))[0].done
    row = stands(parts)
    assert (row.answers, row.wins, row.losses, row.state) == (1, 1, 0, "running")


def test_a_test_ends_by_itself_and_does_what_its_policy_says(parts: Conn) -> None:
    decide(parts, begin(parts, policy="activate"), [1] * 30)
    row = stands(parts)
    assert (row.state, row.losses) == ("better", 0)
    assert row.wins < 12  # as soon as it is decided
    assert row.evidence >= 20
    assert fetch(parts, tuning.live_fusion(collection="parts"))[0].name == "words"
    (decision,) = fetch(parts, tuning.decisions())
    assert (decision.activated, decision.source) == (True, "live test")
    assert column(parts, "SELECT count(*) FROM ops.live_answer") == [0]
    save(parts, "worse")
    decide(parts, begin(parts, "worse"), [-1] * 30, first=100)
    assert stands(parts).state == "worse"
    decide(parts, begin(parts, "worse", most=10), [1, -1] * 6, first=200)
    assert (stands(parts).state, stands(parts).wins + stands(parts).losses) == ("even", 10)


def test_a_winner_waits_for_a_person_where_the_policy_is_to_propose(parts: Conn) -> None:
    decide(parts, begin(parts), [1] * 12)
    (row,) = fetch(parts, proposals.proposals(only_collection="parts"))
    assert (row.kind, row.subject, row.state) == ("profile", "words", "open")
    assert fetch(parts, tuning.live_fusion(collection="parts"))[0].name != "words"
    decided = proposals.decide(proposal=row.proposal, accept=True)
    assert fetch(parts, decided)[0].state == "accepted"
    assert fetch(parts, tuning.live_fusion(collection="parts"))[0].name == "words"


def test_what_cannot_be_tested_says_why(parts: Conn) -> None:
    for settings in ({"share": 0}, {"share": 1.5}, {"most": 5}, {"policy": "maybe"}):
        with pytest.raises(BadRequest, match="no live test has"):
            begin(parts, **settings)
    with pytest.raises(UnknownName, match="has no profile nothing"):
        begin(parts, "nothing")
    test_id = begin(parts)
    with pytest.raises(BadRequest, match="runs already: words"):
        begin(parts)
    assert fetch(parts, live.stop_live_test(collection="parts", test_id=test_id))[0].done
    assert not fetch(parts, live.stop_live_test(collection="parts", test_id=test_id))[0].done
    parts.execute("UPDATE eval.profile SET active = true")
    with pytest.raises(BadRequest, match="is in use already"):
        begin(parts)


def test_a_test_stops_where_another_fusion_comes_to_use(parts: Conn) -> None:
    save(parts, "other")
    test_id = begin(parts)
    assert fetch(parts, live.running(collection="parts"))[0].test_id == test_id
    parts.execute("UPDATE eval.profile SET active = true WHERE name = 'other'")
    assert fetch(parts, live.running(collection="parts")) == []
    decide(parts, test_id, [1])
    assert (stands(parts).state, stands(parts).reason) == (
        "stopped",
        "another fusion is in use now; 1 answers decided for it, 0 for what was in use",
    )


def log_clicks(db: Conn, truth: dict[str, float], looks: list[float], asked: int) -> None:
    """Searches of two queries whose items stand in turns at all places, opened as the model has it."""
    rng = np.random.default_rng(1)
    names, rows, clicks = list(truth), [], []
    for n in range(asked):
        order = [names[(at - n) % len(names)] for at in range(len(names))]
        ranks = [LoggedHit(external_id=one, rank=at, legs={}) for at, one in enumerate(order, 1)]
        query = ("pump", "valve")[n % 2]
        rows.append(structs.replace(search(query, []), hits=ranks))
        clicks += [
            (query, one, at + 1)
            for at, one in enumerate(order)
            if rng.random() < looks[at] * truth[one]
        ]
    fetch(db, query_log.log_searches(searches=rows, keep=DAY))
    write = "SELECT ops.log_click('parts', %s, %s, %s, '1 day', NULL, NULL, 60000)"
    db.cursor().executemany(write, clicks)


def test_places_and_wants_are_told_apart(parts: Conn) -> None:
    truth = {"P1": 0.8, "P2": 0.4, "P3": 0.02, "P4": 0.6}
    looks = [1.0, 0.6, 0.4, 0.2]
    log_clicks(parts, truth, looks, 600)
    found = fetch(parts, live.click_propensities(collection="parts"))
    assert {row.basis for row in found} == {"log"}
    assert [row.propensity for row in found[:4]] == pytest.approx(looks, abs=0.1)
    wanted = fetch(parts, live.click_relevance(collection="parts"))
    assert len(wanted) == 8
    for row in wanted:
        assert row.relevance == pytest.approx(truth[row.external_id], abs=0.15)


def test_judgments_of_clicks_are_nobody_elses(parts: Conn) -> None:
    make_set(parts, ["pump"], {"pump": {"P2": 1}}, name="asked", source="people")
    log_clicks(parts, {"P1": 0.9, "P2": 0.3, "P3": 0.01}, [1.0, 0.6, 0.4], 60)
    made = fetch(parts, live.judge_clicks(query_set="asked", collection="parts"))[0]
    assert (made.queries, made.judgments, made.left_out) == (2, 6, 0)
    again = fetch(parts, live.judge_clicks(query_set="asked", collection="parts"))[0]
    assert again == made
    grades = query_sets.judgments(query_set="asked", source="clicks")
    by_clicks = {(row.query, row.external_id): row.grade for row in fetch(parts, grades)}
    assert by_clicks["pump", "P1"] == 2
    assert by_clicks["pump", "P3"] == 0
    # Without a name the judgments are those of people.
    people = fetch(parts, query_sets.judgments(query_set="asked", source=None))
    assert [(row.external_id, row.grade) for row in people] == [("P2", 1)]
    sources = parts.execute("SELECT source, implicit FROM eval.sources ORDER BY source")
    assert sources.fetchall() == [("clicks", True), ("people", False)]
    # Nobody writes judgments of that source, nor those of clicks under another name.
    for source, judge in (("clicks", None), ("people", "clicks, debiased")):
        with pytest.raises(psycopg.errors.CheckViolation), parts.transaction():
            parts.execute(
                "INSERT INTO eval.judgment (query_id, source, external_id, grade, judge)"
                " SELECT id, %s, 'P9', 1, %s FROM eval.query",
                [source, judge],
            )
    parts.execute("DELETE FROM eval.judgment WHERE source = 'people'")
    with pytest.raises(BadRequest, match="made of clicks only"):
        fetch(parts, query_sets.judgments(query_set="asked", source=None))


def test_a_stay_counts_by_its_length_and_only_for_its_visit(parts: Conn) -> None:
    click = {"collection": "parts", "query": None, "external_id": "P1", "rank": 1, "keep": DAY}
    for _ in range(2):  # sent again
        fetch(parts, query_log.log_click(**click, visit="a1b2c3d4"))
    told = [
        fetch(parts, query_log.note_dwell(collection="parts", visit=visit, dwell_ms=ms))[0].done
        for visit, ms in (("a1b2c3d4", 900), ("a1b2c3d4", 200), ("nobodys-1", 5))
    ]
    assert told == [True, True, False]
    rows = parts.execute("SELECT query, external_id, dwell_ms FROM search.clicks").fetchall()
    assert rows == [(None, "P1", 900)]
    assert column(parts, "SELECT count(*) FROM eval.clicked_queries('parts')") == [0]


def test_queries_to_judge_are_proposed_with_all_else(parts: Conn) -> None:
    now = datetime.now(UTC)
    asked = ["pump noise"] * 3 + ["Pump  Noise", "judged", "judged", "once", None]
    make_set(parts, ["judged"], {"judged": {"P1": 1}}, name="asked", source="people")
    rows = [
        search(q, [], asked_at=now + n * timedelta(seconds=1), found=0) for n, q in enumerate(asked)
    ]
    fetch(parts, query_log.log_searches(searches=rows, keep=DAY))
    fetch(
        parts,
        proposals.propose(
            collection="parts", near=[{"words": ["a1", "b1"], "score": 0.5, "evidence": {}}]
        ),
    )
    fetch(
        parts, proposals.propose_profile(collection="parts", profile="words", evidence={"why": "x"})
    )
    assert fetch(parts, proposals.propose_labels(collection="parts"))[0].n == 1
    assert fetch(parts, proposals.propose_labels(collection="parts"))[0].n == 0
    listed = fetch(parts, proposals.proposals())
    assert [(row.kind, row.subject) for row in listed] == [
        ("profile", "words"),
        ("synonym", "a1 = b1"),
        ("labels", "Pump  Noise"),
    ]
    assert listed[2].evidence == {"asked": 4, "unanswered": 4}
    for row in listed:
        by = "policy" if row.kind == "profile" else "person"
        fetch(parts, proposals.decide(proposal=row.proposal, accept=True, decided_by=by))
    assert fetch(parts, proposals.proposals()) == []
    assert (stands(parts).profile, stands(parts).policy) == ("words", "activate")
    to_judge = query_sets.queries(query_set="to-judge")
    assert [query.text for query in fetch(parts, to_judge)] == ["Pump  Noise"]
    with pytest.raises(UnknownName, match="unknown proposal: profile-999"):
        fetch(parts, proposals.decide(proposal="profile-999", accept=False))
    # What left the log takes its open proposal with it.
    fetch(parts, proposals.propose_labels(collection="parts", least_asked=1))
    parts.execute("DELETE FROM ops.query_log")
    fetch(parts, proposals.propose_labels(collection="parts"))
    assert fetch(parts, proposals.proposals()) == []
