"""A space with a vector per token from its encoder to the words that met, as any space goes through it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from db import connect
from db.calls.query import fetch
from db.errors import BadRequest
from db.evaluation.tuning import Reranker
from db.operations import backups
from db.search import functions, tokens
from db.search.rows import Leg
from db.spaces import embedding, generations
from db.spaces.generations import Throttle
from encoders.errors import EncoderUnfit
from encoders.multi.rows import words_at
from encoders.registry import build, spec
from encoders.rerank import rerankers
from flows.effects import Score
from flows.local import Local
from flows.search.matches import Matches, token_matches
from flows.search.rerank import item_scores
from jobs import calibrate
from jobs.backup import restore as restoring
from jobs.backup.create import create
from jobs.backup.manifest import chosen
from jobs.backup.store import FolderStore
from jobs.reembed import lifecycle as reembed
from jobs.rerank import measure as job
from jobs.tuning import profiles
from tests.evaluation.support import make_set, own_run
from tests.evaluation.test_tuning import ONCE
from tests.jobs.support import DUMMY, work_once
from tests.searching import searched
from tests.sql.helpers import column, make_collection, put

if TYPE_CHECKING:
    from pathlib import Path

    from tests.jobs.support import Conn

LONG = " ".join(f"filler{n}" for n in range(300)) + " cavitation noise"
FEEDS = {"text": {"item": ["title"]}, "tokens": {"item": ["title"]}}


def tell(_what: str, _done: int, _total: int) -> None:
    pass


@pytest.fixture
def parts(db: Conn, db_url: str, dummy_space: int) -> dict[str, int]:
    """Items in the spaces `text`, live, and `tokens`, whose first generation went live by a switch."""
    make_collection(db, field_weights={"title": 1}, vector_sources=FEEDS)
    words = ("vacuum pump", "oil pump noise", "진공 펌프 소음", "valve seal", LONG)
    ids = put(db, {f"P{n}": {"title": title} for n, title in enumerate(words)})
    ids |= put(db, {f"F{n}": {"title": f"shelf {n} bolt{n}"} for n in range(30)})
    args: dict[str, Any] = {"space": "tokens", "throttle": Throttle(), "tell": tell}
    reembed.start(db, DUMMY, encoder="dummy-multi", **args)
    work_once(db_url)
    reembed.switch(db, DUMMY, space="tokens", force=True, tell=tell)
    return ids


def matched(db: Conn, query: str, item_id: int) -> Matches:
    return Local(db, DUMMY).run(token_matches("parts", query, item_id))


def test_a_search_scores_tokens_and_says_which_words_met(db: Conn, parts: dict[str, int]) -> None:
    assert {s.space: s.kind for s in fetch(db, embedding.live_spaces())} == {
        "text": "single", "tokens": "multi",
    }  # fmt: skip
    hits = searched(db, DUMMY, "parts", query="pumps noise").hits
    scores = {hit.external_id: hit.legs["tokens"] for hit in hits}
    encoder: Any = build(spec("dummy-multi"), DUMMY.models_path)
    asked, text = encoder.query_tokens(["pumps noise", "oil pump noise"])
    wanted = (asked.vectors @ text.vectors.T).max(axis=1).mean()
    found = scores["P1"]
    assert found is not None
    assert found.score == pytest.approx(wanted, abs=2e-3)
    assert found.rank == 1
    met = matched(db, "pumps noise", parts["P1"])
    assert [(m.words, m.matched) for m in met.matches] == [("pumps", "pump"), ("noise", "noise")]
    assert met.score == pytest.approx(found.score)
    assert not met.stale


def test_windows_of_long_texts_keep_the_places_of_their_words(
    db: Conn, parts: dict[str, int]
) -> None:
    met = matched(db, "cavitation", parts["P4"])
    assert (met.matches[0].matched, met.part_no) == ("cavitation", 2)
    assert column(
        db, "SELECT count(*) FROM core.embedding WHERE tokens IS NULL AND space_id = 2"
    ) == [0]


def test_a_changed_text_is_stale_until_it_is_encoded(
    db: Conn, db_url: str, parts: dict[str, int]
) -> None:
    put(db, {"P1": {"title": "oil pump silence"}})
    before = matched(db, "silence", parts["P1"])
    assert (before.stale, before.matches[0].matched) == (True, None)
    work_once(db_url)
    assert matched(db, "silence", parts["P1"]).matches[0].matched == "silence"
    db.execute("DELETE FROM core.item WHERE id = %s", (parts["P1"],))
    assert all(hit.external_id != "P1" for hit in searched(db, DUMMY, "parts", query="pump").hits)


def test_psql_alone_asks_with_stored_query_tokens(
    db: Conn, db_url: str, parts: dict[str, int]
) -> None:
    for space in ("text", "tokens"):
        fetch(db, functions.request_vector(query="pump noise", space=space))
    work_once(db_url)
    rows = db.execute("SELECT * FROM search.hybrid('parts', 'pump noise')").fetchall()
    assert {"lexical", "text", "tokens"} <= set(rows[0][3])
    words = fetch(db, tokens.token_matches(space="tokens", item_id=parts["P1"], query="pump noise"))
    assert [row.matched for row in words] == ["pump", "noise"]


def test_what_spaces_go_through_is_there_for_tokens(
    db: Conn, db_url: str, parts: dict[str, int]
) -> None:
    report = calibrate.run(db, DUMMY, "parts")
    assert -1 <= report.thresholds["parts", "tokens"] <= 1
    db.execute(embedding_index(db, "tokens"))
    leg = Leg(kind="like", space="tokens", positive=[parts["P0"]])
    assert len(fetch(db, functions.hybrid(collection="parts", legs=[leg], k=3))) == 3
    by_item = functions.by_item(collection="parts", item=parts["P0"], k=3)
    assert len(fetch(db, by_item)) == 3
    pooled = "dummy-multi+pool2"
    args: dict[str, Any] = {"space": "tokens", "throttle": Throttle(), "tell": tell}
    second = reembed.start(db, DUMMY, encoder=pooled, **args).generation
    work_once(db_url)
    sizes = "SELECT sum(cardinality(tokens)) FROM core.embedding WHERE space_id = %s"
    whole, half = (column(db, sizes, (one,))[0] for one in (2, second.space_id))
    assert half < 0.7 * whole
    fetch(db, generations.measure_drift(space_id=second.space_id))
    reembed.switch(db, DUMMY, space="tokens", force=True, tell=tell)
    reembed.rollback(db, space="tokens", tell=tell)
    assert matched(db, "pump", parts["P1"]).matches[0].matched == "pump"


def test_hits_are_reranked_by_stored_tokens_as_by_their_texts(
    db: Conn, db_url: str, parts: dict[str, int]
) -> None:
    used = Reranker(model="maxsim:dummy-multi", revision="1", top_n=10, blend=1.0, threshold=None)
    chosen = ["P0", "P1", "F0", "P2"]
    asked: list[Any] = []

    class Watched(Local):
        def _perform(self, effect: Any) -> Any:
            asked.append(effect)
            return super()._perform(effect)

    local = Watched(db, DUMMY)
    stored = local.run(item_scores("parts", used, "pumps noise", chosen))
    assert stored.notes == []
    assert not any(isinstance(effect, Score) for effect in asked)
    spec_ = rerankers.spec(used.model, DUMMY.models_path)
    model = rerankers.build(spec_, DUMMY.models_path)
    texts = ["vacuum pump", "oil pump noise", "shelf 0 bolt0", "진공 펌프 소음"]
    np.testing.assert_allclose(stored.scores, model.score("pumps noise", texts), atol=2e-3)
    put(db, {"NEW": {"title": "pump noise"}})  # no worker has been there yet
    mixed = local.run(item_scores("parts", used, "pumps noise", ["NEW", "P1"]))
    assert mixed.notes == [
        "1 of 2 hits were encoded anew to be reranked: no vectors of theirs are in space tokens"
    ]
    assert mixed.scores[0] == pytest.approx(mixed.scores[1], abs=1e-3)  # both words are in both
    with pytest.raises(EncoderUnfit, match="no vector per token"):
        rerankers.spec("maxsim:dummy", DUMMY.models_path)


def test_tokens_are_tuned_reranked_and_come_back_from_a_backup(
    db: Conn, db_url: str, parts: dict[str, int], tmp_path: Path
) -> None:
    words = [f"bolt{n}" for n in range(30)]
    make_set(db, words, {word: {f"F{n}": 1} for n, word in enumerate(words)})
    fetch(db, generations.want_queries(space_id=2, query_set="set"))
    work_once(db_url)
    run_id = own_run(db, legs=[Leg(kind="lexical"), Leg(kind="vector", space="tokens")])
    tuned = profiles.tune(db, "parts", run_id, profiles.TuningOptions(measure="RR@5", splits=ONCE))
    assert {"leg lexical", "leg tokens"} <= set(tuned.means)
    model = rerankers.build(
        rerankers.spec("maxsim:dummy-multi", DUMMY.models_path), DUMMY.models_path
    )
    options = job.RerankOptions(top_n=5, measure="RR@5", group="query")
    report = job.evaluate(db, run_id, model, options, encoders=DUMMY)
    assert (
        not report.decision.activate
    )  # words alone are right already: what does not help is refused
    store = FolderStore(tmp_path / "backups")
    create(db_url, store)
    restored = restoring.restore(db_url, store, chosen(store, "latest"))
    try:
        with connect.open_connection(restored.url) as copy:
            for item in ("P1", "P4"):
                met = Local(copy, DUMMY).run(token_matches("parts", "noise", parts[item]))
                assert met.matches[0].matched == "noise"
    finally:
        backups.drop(db_url, restored.database)


def embedding_index(db: Conn, space: str) -> bytes:
    row = column(db, "SELECT impl.space_index_statement((impl.live_space(%s)).id, false)", (space,))
    return str(row[0]).encode()


def test_a_collection_without_tokens_says_so(db: Conn, dummy_space: int) -> None:
    make_collection(db, vector_sources={"text": {"item": ["title"]}})
    ids = put(db, {"a": {"title": "pump"}})
    with pytest.raises(BadRequest, match="no live space of kind multi"):
        matched(db, "pump", ids["a"])
    with pytest.raises(BadRequest, match="no words"):
        matched(db, " ", ids["a"])


def test_tokens_stand_for_the_words_they_are_part_of() -> None:
    text = "진공-펌프, oil"
    assert words_at(text, [(0, 1), (1, 2), (2, 3), (0, 0), (6, 10)]) == [
        ((0, 2),), ((0, 2),), ((2, 3),), (), ((7, 10),),
    ]  # fmt: skip


def test_pooling_keeps_the_mark_the_words_and_the_number() -> None:
    whole, half = (
        build(spec(name), DUMMY.models_path) for name in ("dummy-multi", "dummy-multi+pool3")
    )
    (tokens_of,), (pooled,) = (e.passage_tokens([LONG[:400]]) for e in (whole, half))  # type: ignore[attr-defined]
    n = len(tokens_of.vectors)
    assert len(pooled.vectors) == 1 + (n - 1) // 3
    assert np.allclose(pooled.vectors[0], tokens_of.vectors[0])
    assert np.allclose(np.linalg.norm(pooled.vectors, axis=1), 1, atol=1e-6)
    assert {p for s in pooled.spans for p in s} == {p for s in tokens_of.spans for p in s}
