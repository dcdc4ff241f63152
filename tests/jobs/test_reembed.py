"""Blue and green: a generation beside the live one, filled, judged, switched to, gone back from."""

from __future__ import annotations

import threading
import time
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import psycopg
import pytest
from pgvector.psycopg import register_vector
from scipy.stats import ks_2samp
from typer.testing import CliRunner

from db.calls.query import fetch
from db.errors import BadRequest, UnknownName
from db.search import functions
from db.search.legs import vector_text
from db.search.rows import Leg
from db.spaces import embedding, generations
from db.spaces.generations import Throttle
from encoders import registry
from encoders.errors import EncoderError
from encoders.text.dummy import DummyEncoder
from flows import encoding
from jobs import embed
from jobs.cli import app
from jobs.reembed import lifecycle as reembed
from jobs.reembed.drop import drop
from tests.jobs.support import DUMMY, Faulty, wait_until, work_once, working
from tests.sql.helpers import column, make_collection, put

if TYPE_CHECKING:
    from pathlib import Path

    from db.spaces.rows import Space
    from encoders.spec import EncoderSpec
    from jobs.reembed.lifecycle import Switched
    from tests.jobs.support import Conn

SECOND = "dummy-2"


def tell(_what: str, _done: int, _total: int) -> None:
    pass


@pytest.fixture(autouse=True)
def second(monkeypatch: pytest.MonkeyPatch) -> EncoderSpec:
    """Make a second encoder known: as long vectors, and other ones."""
    spec = msgspec.structs.replace(
        registry.spec("dummy"),
        name=SECOND,
        revision="2",
        query_template="other {text}",
        passage_template="other {text}",
    )
    monkeypatch.setattr(registry, "SPECS", MappingProxyType({**registry.SPECS, SECOND: spec}))
    return spec


@pytest.fixture
def parts(db: Conn, dummy_space: int) -> dict[str, int]:
    """120 items in the live space `text`, encoded."""
    make_collection(db, vector_sources={"text": {"item": ["title"]}})
    ids = put(db, {f"P{n:03d}": {"title": f"number {n} of {n * n}"} for n in range(120)})
    (space,) = fetch(db, embedding.live_spaces())
    embed.run(db, space, encoding.encoder_of(space, DUMMY))
    return ids


def started(db: Conn, encoder: str = SECOND, **limits: Any) -> Space:
    throttle = Throttle(**limits)
    args: dict[str, Any] = {"space": "text", "encoder": encoder, "throttle": throttle}
    return reembed.start(db, DUMMY, **args, tell=tell).generation


def switched(db: Conn, **how: Any) -> Switched:
    return reembed.switch(db, DUMMY, space="text", **({"force": True} | how), tell=tell)


def states(db: Conn) -> dict[str, str]:
    return {s.pinned: s.status for s in fetch(db, generations.of_space(space="text"))}


def best(db: Conn, space: Space | str, text: str) -> tuple[str, float]:
    """External id and similarity of the nearest item to a text, asked in one generation."""
    generation = space if isinstance(space, str) else space.pinned
    spec = registry.spec(SECOND if generation.endswith("@2") else "dummy")
    vec = vector_text(DummyEncoder(spec).encode_queries([text])[0])
    leg = Leg(kind="vector", space=generation, name="text", vec=vec)
    hits = fetch(db, functions.hybrid(collection="parts", legs=[leg], k=1))
    found = hits[0].legs["text"]
    assert found is not None
    return hits[0].external_id, found.score


def test_a_generation_from_start_to_drop(db: Conn, db_url: str, parts: dict[str, int]) -> None:
    building = started(db)
    assert states(db) == {"text@2": "building", "text@1": "live"}
    assert (building.encoder, building.identity) == (SECOND, registry.spec(SECOND).identity)
    work_once(db_url)
    covered = "SELECT generation, status, fresh FROM search.coverage ORDER BY generation"
    assert db.execute(covered).fetchall() == [(1, "live", 120), (2, "building", 120)]
    assert best(db, "text", "number 7 of 49") == ("P007", pytest.approx(1, abs=1e-3))

    done = switched(db)
    assert (done.before.pinned, done.after.pinned) == ("text@1", "text@2")
    assert states(db) == {"text@2": "live", "text@1": "retired"}
    assert best(db, "text@2", "number 7 of 49") == ("P007", pytest.approx(1, abs=1e-3))
    record = "SELECT kind, forced, from_label, to_label FROM ops.generation_change"
    ((kind, forced, from_label, to_label),) = db.execute(record).fetchall()
    assert (kind, forced) == ("switch", True)
    assert from_label.startswith("text@1 by dummy@1")
    assert to_label.startswith("text@2 by dummy-2@2")

    with pytest.raises(BadRequest, match="is live"):
        drop(db, space="text", generation=2, tell=tell)
    with pytest.raises(BadRequest, match="was live a moment ago"):
        drop(db, space="text", generation=1, tell=tell)
    db.execute("UPDATE ops.space SET retired_at = now() - interval '1 hour' WHERE generation = 1")
    drop(db, space="text", generation=1, tell=tell)
    assert states(db) == {"text@2": "live"}
    assert column(db, "SELECT to_regclass('core.embedding_1')") == [None]
    assert best(db, "text@2", "number 7 of 49")[0] == "P007"
    with pytest.raises(UnknownName, match="no generation to go back to"):
        reembed.rollback(db, space="text", tell=tell)


def test_new_content_goes_to_both_until_the_switch(
    db: Conn, db_url: str, parts: dict[str, int]
) -> None:
    started(db)
    put(db, {"P000": {"title": "changed"}, "NEW": {"title": "new"}})
    db.execute("DELETE FROM core.item WHERE external_id = 'P001'")
    waits = "SELECT s.generation, count(*) FROM ops.outbox JOIN ops.space AS s ON s.id = space_id GROUP BY 1"
    assert dict(db.execute(waits).fetchall()) == {1: 2, 2: 120}
    work_once(db_url)
    assert column(db, "SELECT count(*) FROM search.stale") == [0]
    switched(db)
    put(db, {"P000": {"title": "changed again"}})
    assert dict(db.execute(waits).fetchall()) == {2: 1}


def test_going_back_is_at_once_and_catches_up(db: Conn, db_url: str, parts: dict[str, int]) -> None:
    started(db)
    switched(db)  # it encodes what waits itself
    put(db, {"P000": {"title": "changed since"}, "NEW": {"title": "new since"}})
    db.execute("DELETE FROM core.item WHERE external_id = 'P001'")
    live, queued = reembed.rollback(db, space="text", tell=tell)
    assert (live.pinned, queued) == ("text@1", 2)
    assert states(db) == {"text@2": "retired", "text@1": "live"}
    work_once(db_url)
    assert column(db, "SELECT count(*) FROM search.stale") == [0]
    assert best(db, "text", "new since") == ("NEW", pytest.approx(1, abs=1e-3))
    assert reembed.rollback(db, space="text", tell=tell)[0].pinned == "text@2"  # forward
    kinds = "SELECT kind FROM ops.generation_change ORDER BY id"
    assert column(db, kinds) == ["switch", "rollback", "rollback"]


def test_starting_again_goes_on_and_another_model_is_refused(
    db: Conn, db_url: str, parts: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = started(db, max_rate=5, work_from=None)
    assert fetch(db, generations.throttle(space_id=first.space_id)) == [Throttle(max_rate=5)]
    fetch(db, generations.set_throttle(space_id=first.space_id, throttle=Throttle()))
    work_once(db_url)
    again = started(db, max_rate=7)
    assert again.space_id == first.space_id
    assert column(db, "SELECT count(*) FROM ops.outbox") == [0]
    third = msgspec.structs.replace(registry.spec(SECOND), name="dummy-3", revision="3")
    monkeypatch.setattr(registry, "SPECS", MappingProxyType({**registry.SPECS, "dummy-3": third}))
    with pytest.raises(BadRequest, match="is being built by another model"):
        started(db, "dummy-3")
    with pytest.raises(BadRequest, match="encodes image, space text holds text"):
        started(db, "efficientnet-lite0")
    with pytest.raises(UnknownName, match="unknown embedding space: other"):
        reembed.start(db, DUMMY, space="other", encoder=SECOND, throttle=Throttle(), tell=tell)
    drop(db, space="text", generation=2, tell=tell)
    with pytest.raises(BadRequest, match="by this very model"):
        started(db, "dummy")


def test_a_worker_that_waits_fills_a_generation_begun_elsewhere(
    db: Conn, db_url: str, parts: dict[str, int]
) -> None:
    covered = "SELECT fresh FROM search.coverage WHERE generation = 2"
    with working(db_url):
        started(db)
        wait_until(lambda: column(db, covered) == [120])


def test_queries_that_sql_knows_are_known_after_the_switch(
    db: Conn, db_url: str, parts: dict[str, int]
) -> None:
    db.execute("SELECT search.request_vector('number 7 of 49')")
    work_once(db_url)
    started(db)
    db.execute("SELECT search.request_vector('number 8 of 64')")  # of the live one only
    work_once(db_url)
    switched(db)
    state = (
        "SELECT search.request_vector('number 7 of 49'), search.request_vector('number 8 of 64')"
    )
    assert db.execute(state).fetchone() == ("ready", "queued")
    work_once(db_url)
    assert db.execute(state).fetchone() == ("ready", "ready")
    hits = fetch(db, functions.hybrid(collection="parts", query="number 7 of 49", k=1))
    assert hits[0].legs["text"] is not None


def test_nobody_goes_back_to_what_is_half_dropped(
    db: Conn, db_url: str, parts: dict[str, int]
) -> None:
    started(db)
    switched(db)
    db.execute("UPDATE ops.space SET retired_at = now() - interval '1 hour' WHERE generation = 1")
    fetch(db, generations.discard(space_id=1))  # and then whoever drops it is killed
    with pytest.raises(UnknownName, match="no generation to go back to"):
        reembed.rollback(db, space="text", tell=tell)
    drop(db, space="text", generation=1, tell=tell)
    assert states(db) == {"text@2": "live"}


def test_a_writer_that_commits_late_does_not_fail_the_switch(
    db: Conn, db_url: str, parts: dict[str, int]
) -> None:
    started(db)
    work_once(db_url)
    judging = False
    with psycopg.connect(db_url) as writer:
        put(writer, {"LATE": {"title": "written long ago"}})

        def commit_after_the_last_look(what: str, _done: int, _total: int) -> None:
            nonlocal judging
            judging = judging or what == "comparing similarities"
            if judging and what == "encoding what is missing":
                writer.commit()

        reembed.switch(db, DUMMY, space="text", force=True, tell=commit_after_the_last_look)
    assert states(db)["text@2"] == "live"
    assert best(db, "text@2", "written long ago") == ("LATE", pytest.approx(1, abs=1e-3))


class TestSwitchIsRefused:
    def refused(self, db: Conn, **how: Any) -> str:
        arguments = {"evaluation": {"passed": True}, "cutoff": None, "accept_failures": False}
        call = arguments | {"force": False} | how
        as_of = column(db, "SELECT clock_timestamp()")[0]
        with pytest.raises(BadRequest) as caught:
            fetch(db, generations.switch(space="text", as_of=as_of, **call))
        assert states(db)["text@1"] == "live"
        return str(caught.value)

    def test_while_something_waits(self, db: Conn, parts: dict[str, int]) -> None:
        started(db)
        assert self.refused(db, force=True) == "120 items are not encoded yet"

    def test_where_something_failed(
        self, db: Conn, db_url: str, parts: dict[str, int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        started(db)
        faulty = Faulty(registry.spec(SECOND), **{"number 7 ": ValueError("no")})
        monkeypatch.setattr(encoding, "encoder_of", lambda *_args: faulty)
        work_once(db_url)
        assert self.refused(db, force=True).startswith("1 items could not be encoded, such as P007")
        with pytest.raises(reembed.GenerationNotReady, match="1 items could not be encoded"):
            switched(db)
        assert switched(db, accept_failures=True).failed == 1
        accepted = column(db, "SELECT accepted FROM ops.generation_change")
        assert accepted == [[{"external_id": "P007", "error": "ValueError: no"}]]

    def test_without_an_index_where_the_live_one_has_one(
        self, db: Conn, db_url: str, parts: dict[str, int]
    ) -> None:
        db.execute("SELECT ops.build_space_index(1)")
        started(db)
        work_once(db_url)
        assert self.refused(db) == "generation 2 of space text has no index yet"
        assert switched(db).after.indexed  # the job builds it

    def test_without_a_judgment(self, db: Conn, db_url: str, parts: dict[str, int]) -> None:
        limits = {"max_rate": 10_000.0}
        building = started(db, **limits)
        wait_until(lambda: not _waiting(db, db_url))
        assert "there is none" in self.refused(db, evaluation={})
        assert "worse" in self.refused(db, evaluation={"passed": False, "reason": "worse"})
        with pytest.raises(reembed.GenerationNotReady, match="no judgments of a collection"):
            switched(db, force=False)
        kept = fetch(db, generations.throttle(space_id=building.space_id))
        assert kept == [Throttle(**limits)]
        switched(db)
        assert column(db, "SELECT forced FROM ops.generation_change") == [True]
        assert fetch(db, generations.throttle(space_id=building.space_id)) == []

    def test_items_written_behind_the_triggers_back_are_found_first(
        self, db: Conn, db_url: str, parts: dict[str, int]
    ) -> None:
        started(db)
        work_once(db_url)
        db.execute("ALTER TABLE core.item DISABLE TRIGGER USER")
        db.execute(
            "UPDATE core.item SET fields = '{\"title\": \"secret\"}' WHERE external_id = 'P001'"
        )
        db.execute("ALTER TABLE core.item ENABLE TRIGGER USER")
        states = "SELECT generation, state, queued FROM search.stale ORDER BY generation"
        assert db.execute(states).fetchall() == [(1, "stale", False), (2, "stale", False)]
        switched(db)
        assert db.execute(states).fetchall() == []


def _waiting(db: Conn, db_url: str) -> int:
    work_once(db_url)
    return int(column(db, "SELECT count(*) FROM ops.outbox")[0])


class Searches:
    """Users who search without a pause, each as the service does: spaces remembered for a moment."""

    def __init__(self, url: str, n: int) -> None:
        self.stop = threading.Event()
        self.wrong: list[Any] = []
        self.asked: dict[str, int] = {}
        self._threads = [threading.Thread(target=self._search, args=(url, at)) for at in range(n)]

    def __enter__(self) -> Searches:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop.set()
        for thread in self._threads:
            thread.join()

    def _search(self, url: str, at: int) -> None:
        with psycopg.connect(url, autocommit=True) as conn:
            register_vector(conn)
            space, until = None, 0.0
            while not self.stop.is_set():
                at = (at + 7) % 120
                if space is None or time.monotonic() > until:
                    (space,) = fetch(conn, embedding.live_spaces(collection="parts"))
                    until = time.monotonic() + 0.05
                try:
                    hit = best(conn, space, f"number {at} of {at * at}")
                except Exception as exc:  # any error at all is what this is about
                    self.wrong.append(exc)
                    return
                # A vector of one generation among those of the other would not be this near.
                if hit[0] != f"P{at:03d}" or hit[1] < 0.99:
                    self.wrong.append((space.pinned, at, hit))
                self.asked[space.pinned] = self.asked.get(space.pinned, 0) + 1


def test_searches_go_on_through_building_and_switching(
    db: Conn, db_url: str, parts: dict[str, int]
) -> None:
    db.execute("SELECT ops.build_space_index(1)")
    with Searches(db_url, 3) as users, working(db_url):
        started(db)
        covered = "SELECT fresh FROM search.coverage WHERE generation = 2"
        wait_until(lambda: column(db, covered) == [120])
        switched(db)
        seen = dict(users.asked)
        wait_until(lambda: users.wrong or users.asked.get("text@2", 0) > seen.get("text@2", 0) + 20)
        for _ in range(4):
            reembed.rollback(db, space="text", tell=tell)
            seen = dict(users.asked)
            now = fetch(db, embedding.live_spaces())[0].pinned
            wait_until(lambda: users.wrong or users.asked[now] > seen[now] + 20)  # noqa: B023
        assert states(db) == {"text@2": "live", "text@1": "retired"}
        db.execute(
            "UPDATE ops.space SET retired_at = now() - interval '1 hour' WHERE generation = 1"
        )
        drop(db, space="text", generation=1, tell=tell)
        seen = dict(users.asked)
        wait_until(lambda: users.wrong or users.asked["text@2"] > seen["text@2"] + 20)
    assert users.wrong == []


def test_a_vector_of_one_generation_would_be_seen_in_another(
    db: Conn, db_url: str, parts: dict[str, int]
) -> None:
    started(db)
    work_once(db_url)
    vec = DummyEncoder(registry.spec(SECOND)).encode_queries(["number 7 of 49"])[0]
    right = fetch(db, functions.semantic(space="text@2", query_vec=vec, k=1))[0]
    mixed = fetch(db, functions.semantic(space="text@1", query_vec=vec, k=1))[0]
    assert right.score > 0.99 > mixed.score + 0.01


def test_a_generation_is_dropped_while_readers_have_transactions_open(
    db: Conn, db_url: str, parts: dict[str, int]
) -> None:
    long = "word " * 400
    put(db, {"LONG": {"title": long}})
    started(db)
    work_once(db_url)
    assert column(db, "SELECT count(*) FROM core.chunk WHERE space_id = 2")[0] > 1
    with psycopg.connect(db_url) as reader:
        reader.execute("SELECT count(*) FROM core.item")  # holds core.item for as long as it likes
        dropping = threading.Thread(target=_drop, args=(db_url,))
        dropping.start()
        parts_left = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'core.embedding'::regclass"
        wait_until(lambda: column(db, parts_left) == [1])
        assert best(db, "text", "number 7 of 49")[0] == "P007"
        put(db, {"P000": {"title": "written meanwhile"}})
        reader.rollback()
        dropping.join()
    assert states(db) == {"text@1": "live"}
    assert column(db, "SELECT count(*) FROM core.chunk WHERE space_id = 2") == [0]
    work_once(db_url)
    assert column(db, "SELECT count(*) FROM search.stale") == [0]


def _drop(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        drop(conn, space="text", generation=2, tell=tell)


QUERIES = 24


@pytest.fixture
def judged(db: Conn, parts: dict[str, int]) -> None:
    """Queries whose words no item has, but whose letters lie near one."""
    db.execute("INSERT INTO eval.query_set (name) VALUES ('misspelled')")
    for n in range(QUERIES):
        db.execute(
            "WITH q AS (INSERT INTO eval.query (set_id, external_id, text) VALUES (1, %s, %s)"
            " RETURNING id) INSERT INTO eval.judgment (query_id, source, external_id, grade)"
            " SELECT id, 'test', %s, 1 FROM q",
            (f"Q{n}", f"xnumberx {n}x ofx {n * n}x", f"P{n:03d}"),
        )


def spoil(db: Conn) -> None:
    """Give every item of the building generation the vector of another."""
    db.execute(
        "UPDATE core.embedding AS e SET vec = o.vec FROM core.embedding AS o"
        " WHERE e.space_id = 2 AND o.space_id = 2 AND o.item_id = 1 + (e.item_id + 59) % 120"
    )


@pytest.mark.usefixtures("judged")
class TestGate:
    def test_as_good_on_the_judgments_passes(self, db: Conn, db_url: str) -> None:
        started(db)
        work_once(db_url)
        done = switched(db, force=False)
        (found,) = done.verdict.compared
        assert done.verdict.passed
        assert (found.query_set, found.source, found.queries) == ("misspelled", "test", QUERIES)
        assert min(found.live, found.building) > 0.3
        record = "SELECT forced, evaluation -> 'compared' -> 0 ->> 'building_run' FROM ops.generation_change"
        assert db.execute(record).fetchone() == (False, str(found.building_run))
        label = "SELECT label FROM eval.run WHERE id = %s"
        assert column(db, label, (found.building_run,)) == ["gate text@2"]

    def test_worse_on_the_judgments_is_refused_unless_forced(self, db: Conn, db_url: str) -> None:
        started(db)
        work_once(db_url)
        spoil(db)
        with pytest.raises(
            reembed.GenerationNotReady, match=r"nDCG@10 .* -> .*, -0\.\d+ \["
        ) as caught:
            switched(db, force=False)
        assert "--force" in (caught.value.hint or "")
        assert states(db) == {"text@2": "building", "text@1": "live"}
        assert not switched(db).verdict.passed
        assert column(db, "SELECT forced FROM ops.generation_change") == [True]

    def test_too_few_judgments_decide_nothing(self, db: Conn, db_url: str) -> None:
        db.execute("DELETE FROM eval.query WHERE id > 5")
        started(db)
        with pytest.raises(reembed.GenerationNotReady, match="fewer than 10 queries do not count"):
            switched(db, force=False)

    def test_nothing_found_on_either_side_shows_nothing(self, db: Conn, db_url: str) -> None:
        put(db, {"bare": {"title": ""}})  # neither words nor a vector
        db.execute("UPDATE eval.judgment SET external_id = 'bare'")
        started(db)
        work_once(db_url)
        with pytest.raises(reembed.GenerationNotReady, match="shows nothing"):
            switched(db, force=False)
        assert states(db) == {"text@2": "building", "text@1": "live"}

    def test_judgments_of_another_collection_do_not_count(self, db: Conn, db_url: str) -> None:
        db.execute("UPDATE eval.judgment SET external_id = 'X' || external_id")
        started(db)
        with pytest.raises(reembed.GenerationNotReady, match="no judgments of a collection"):
            switched(db, force=False)


LEVELS = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]


def pairs(db: Conn) -> dict[str, np.ndarray[Any, Any]]:
    statement = (
        "SELECT p.kind, p.first_sim, p.second_sim"
        " FROM impl.generation_pairs(impl.live_space('text@1'), impl.live_space('text@2')) AS p"
    )
    found: dict[str, list[tuple[float, float]]] = {}
    for kind, before, after in db.execute(statement):
        found.setdefault(kind, []).append((before, after))
    return {kind: np.array(rows) for kind, rows in found.items()}


@pytest.mark.parametrize("by_query", [False, True])
def test_drift_and_cutoff_are_those_of_the_sample(
    db: Conn, db_url: str, parts: dict[str, int], by_query: bool
) -> None:
    if by_query:
        wanted = "SELECT search.request_vector('query ' || n) FROM generate_series(1, 30) AS n"
        db.execute(wanted)
    db.execute("UPDATE ops.space SET min_similarity = 0.6")
    started(db)
    work_once(db_url)
    assert _waiting_queries(db) == 0
    cutoff = fetch(db, generations.measure_drift(space_id=2))[0].cutoff
    sample = pairs(db)
    assert sample.keys() == {"similarity", "near", "norm", "kept"}
    for row in fetch(db, generations.drift(space="text")):
        before, after = sample[row.measure].T
        np.testing.assert_allclose(row.previous, np.quantile(before, LEVELS), atol=1e-9)
        np.testing.assert_allclose(row.quantiles, np.quantile(after, LEVELS), atol=1e-9)
        assert row.ks == pytest.approx(ks_2samp(before, after, method="asymp").statistic)
        assert row.n == len(before)
    both = np.concatenate([sample["similarity"], sample["near"]])
    share = (both[:, 0] < np.float32(0.6)).mean()
    assert 0 < share < 1
    assert cutoff == pytest.approx(np.quantile(both[:, 1], share), abs=1e-5)
    done = switched(db)
    assert done.cutoff == pytest.approx(cutoff)
    assert fetch(db, embedding.live_spaces())[0].pinned == "text@2"
    assert column(db, "SELECT min_similarity FROM ops.space WHERE status = 'live'") == [
        pytest.approx(cutoff)
    ]


def _waiting_queries(db: Conn) -> int:
    return int(column(db, "SELECT count(*) FROM ops.query_vector WHERE vec IS NULL")[0])


def test_the_same_vectors_have_not_drifted(
    db: Conn, db_url: str, parts: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    same = msgspec.structs.replace(registry.spec("dummy"), name=SECOND, revision="2")
    monkeypatch.setattr(registry, "SPECS", MappingProxyType({**registry.SPECS, SECOND: same}))
    started(db)
    work_once(db_url)
    for before in (-0.5, 0.7, 2.0):  # below all, among them, above all
        db.execute("UPDATE ops.space SET min_similarity = %s WHERE id = 1", (before,))
        cutoff = fetch(db, generations.measure_drift(space_id=2))[0].cutoff
        assert cutoff == pytest.approx(before, abs=5e-3)
    for row in fetch(db, generations.drift(space="text")):
        assert row.ks == 0
        assert row.quantiles == row.previous
        if row.measure == "kept":
            assert set(row.quantiles) == {1.0}


@pytest.mark.parametrize(
    ("encoder", "told"),
    [
        ("multilingual-e5-small:256", "has no 256 dimensions: 384 only"),
        ("dummy:0", "has no 0 dimensions"),
        ("dummy:99999999999999999999", "dimensions: 32 only"),
        ("x:1", "No such encoder"),
        (":5", "No such encoder"),
        ("", "No such encoder"),
        ("hf:nobody/nothing:12", "not on this machine"),
        ("hf:../../etc", "."),
        ("file:/none", "not on this machine"),
        ("efficientnet-lite0", "encodes image"),
    ],
)
def test_a_name_that_cannot_be_is_refused_in_words(
    parts: dict[str, int], db: Conn, db_url: str, tmp_path: Path, encoder: str, told: str
) -> None:
    env = {"SEOGO_DATABASE_URL": db_url, "SEOGO_MODELS": str(tmp_path)}
    done = CliRunner().invoke(app, ["reembed", "start", "--encoder", encoder], env=env)
    assert isinstance(done.exception, EncoderError | BadRequest), done.exception
    assert told in str(done.exception)
    assert states(db) == {"text@1": "live"}
