"""Rerankers are measured on real answers; what harms is refused, what helps is used as measured."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from db.calls.query import Query, fetch
from db.calls.steps import drive
from db.evaluation import evals, tuning
from db.search import functions
from db.search.rows import Leg
from encoders.rerank import rerankers
from encoders.rerank.blend import Blend, order
from encoders.rerank.rerankers import SPECS
from encoders.settings import EncoderSettings
from flows.local import Local
from flows.search.rerank import rerank
from jobs.cli import app
from jobs.evaluation import runner
from jobs.evaluation.reranked import NoReranker
from jobs.rerank import measure as job
from jobs.tuning.lists import NotTunable
from tests.evaluation.support import items, make_set, means, own_run
from tests.searching import searched
from tests.sql.helpers import column

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from encoders.base import Vectors
    from encoders.rerank.base import RerankerSpec
    from flows.effects import Score
    from tests.sql.helpers import Conn

MODEL = SPECS["bge-reranker-v2-m3"]


class LongestRun:
    """Reads passages by the longest run of words that they share with the query, in its order.

    Word order is what BM25 cannot see, so this is a reranker with knowledge of its own.
    """

    def __init__(self, sign: float = 1.0) -> None:
        self._sign = sign

    @property
    def spec(self) -> RerankerSpec:
        return msgspec.structs.replace(MODEL, name="longest-run", revision="1")

    def score(self, query: Any, passages: Sequence[Any]) -> Vectors:
        asked = query.split()
        runs = [
            max(
                n
                for n in range(len(asked) + 1)
                for at in range(len(asked) - n + 1)
                if " ".join(asked[at : at + n]) in passage
            )
            for passage in passages
        ]
        return np.array(runs, dtype=np.float32) * np.float32(self._sign)


@pytest.fixture
def run_id(db: Conn) -> int:
    """Forty queries of three words; the item with the words in order is relevant, shuffles are not."""
    rng = np.random.default_rng(4)
    vocabulary = [f"w{n}" for n in range(60)]
    titles, qrels = {}, {}
    for n in range(40):
        words = list(rng.choice(vocabulary, 3, replace=False))
        forms = [words, words[::-1], [words[1], words[0], words[2]], [words[0], words[2], words[1]]]
        names = [f"P{n:02d}{letter}" for letter in rng.permutation(list("abcd"))]
        titles |= {name: " ".join(form) for name, form in zip(names, forms, strict=True)}
        qrels[" ".join(words)] = {names[0]: 1}
    items(db, dict(sorted(titles.items())))
    make_set(db, list(qrels), qrels)
    return own_run(db, legs=[Leg(kind="lexical")])


OPTIONS = job.RerankOptions(top_n=10, measure="RR@10", group="query")


def test_a_reranker_that_helps_is_used_as_measured(db: Conn, run_id: int) -> None:
    report = job.evaluate(db, run_id, LongestRun(), OPTIONS)
    assert report.decision.activate, report.decision.reason
    assert report.means["reranked"].mean == 1.0
    before = means(db, run_id, ["RR@10"])[0]
    assert report.means[f"run {run_id}"].mean == pytest.approx(before)
    assert before < 0.8
    (used,) = fetch(db, tuning.reranker(collection="parts"))
    assert (used.model, used.revision, used.top_n) == ("longest-run", "1", 10)
    query, relevant = db.execute(
        "SELECT q.text, j.external_id FROM eval.query AS q"
        " JOIN eval.judgment AS j ON j.query_id = q.id ORDER BY q.id LIMIT 1"
    ).fetchall()[0]
    legs = [Leg(kind="lexical")]
    hits = fetch(db, functions.hybrid(collection="parts", query=query, legs=legs, k=20))

    def perform(effect: Query[Any] | Score) -> Any:
        if isinstance(effect, Query):
            return fetch(db, effect)
        return LongestRun().score(effect.words, effect.texts).astype(np.float64)

    after, notes = drive(rerank("parts", used, query, hits), perform)
    assert notes == []
    assert after[0].external_id == relevant
    assert after[10:] == hits[10:]
    assert [h.rank for h in after] == [h.rank for h in hits]
    assert {h.external_id for h in after} == {h.external_id for h in hits}
    assert drive(rerank("parts", used, query, []), perform) == ([], [])


def test_a_run_is_reranked_where_that_is_wanted(
    db: Conn, run_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    how = runner.Settings(
        collection="parts", query_set="set", legs=[Leg(kind="lexical")], rerank=True
    )
    with pytest.raises(NoReranker):
        runner.run(db, EncoderSettings(), how)
    report = job.evaluate(db, run_id, LongestRun(), OPTIONS)
    monkeypatch.setattr(Local, "_reranker", lambda _self, _used: LongestRun())
    reranked, finished = runner.run(db, EncoderSettings(), how)
    assert finished.answered == 40
    assert means(db, reranked, ["RR@10"]) == [pytest.approx(report.means["reranked"].mean)]
    run = fetch(db, evals.run(run_id=reranked))[0]
    assert run.settings["reranker"]["model"] == "longest-run"
    # Each item keeps its score and its part of the leg: the same hits, in another order.
    hits = "SELECT query_id, external_id, score, legs FROM eval.run_hit WHERE run_id = %s ORDER BY 1, 2"
    assert db.execute(hits, (reranked,)).fetchall() == db.execute(hits, (run_id,)).fetchall()
    with pytest.raises(NotTunable):  # it is not the search's own order any more
        job.evaluate(db, reranked, LongestRun(), OPTIONS)


def test_a_reranker_that_harms_is_refused_and_one_that_fails_later_goes(
    db: Conn, run_id: int
) -> None:
    assert job.evaluate(db, run_id, LongestRun(), OPTIONS).decision.activate
    report = job.evaluate(db, run_id, LongestRun(-1.0), OPTIONS)
    assert not report.decision.activate
    assert f"not above run {run_id}" in report.decision.reason
    assert fetch(db, tuning.reranker(collection="parts")) == []
    kept = fetch(db, tuning.decisions(collection="parts"))
    assert [(d.activated, d.in_use, d.kind) for d in kept] == [
        (False, False, "rerank"),
        (True, False, "rerank"),
    ]
    assert kept[0].reason == report.decision.reason
    assert kept[0].candidate["model"] == "longest-run"


def test_a_run_must_be_deep_enough(db: Conn, run_id: int) -> None:
    options = msgspec.structs.replace(OPTIONS, top_n=200)
    with pytest.raises(NotTunable, match="not 200 items deep"):
        job.evaluate(db, run_id, LongestRun(), options)


def test_a_model_that_knows_nothing_is_refused_on_the_command_line(
    db: Conn, db_url: str, run_id: int, cross_encoder: Path, monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:  # fmt: skip
    for name, value in (
        ("SEOGO_DATABASE_URL", db_url),
        ("SEOGO_MODELS", str(tmp_path)),
        ("COLUMNS", "140"),
    ):
        monkeypatch.setenv(name, value)
    arguments = ["rerank", "evaluate", "--run", run_id, "--model", f"file:{cross_encoder}"]
    more = ["--top", 4, "--measure", "RR@10", "--group", "query"]
    done = CliRunner().invoke(app, [str(a) for a in [*arguments, *more]], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "not used: " in done.output
    assert column(db, "SELECT model FROM eval.reranker") == []
    spec = rerankers.spec(f"file:{cross_encoder}", tmp_path)
    found = fetch(db, tuning.decisions())[0]
    assert (found.candidate["model"], found.candidate["revision"]) == (spec.name, spec.revision)
    assert found.reason in done.output.replace("\n", "")


def test_a_search_ends_with_the_reranker_that_is_in_use(
    db: Conn, run_id: int, cross_encoder: Path, tmp_path: Path
) -> None:
    job.evaluate(db, run_id, LongestRun(), OPTIONS)
    encoders = EncoderSettings(models=str(tmp_path), text_encoder="dummy", threads=1)
    text = column(db, "SELECT min(text) FROM eval.query")[0]
    ask = partial(searched, db, encoders, collection="parts", query=text, k=4)
    plain, degraded, _ = ask()
    assert [why.partition(".")[0] for why in degraded] == ["not reranked: No such encoder"]
    spec = rerankers.spec(f"file:{cross_encoder}", tmp_path)
    named = "UPDATE eval.reranker SET model = %s, revision = %s, blend = 1, threshold = NULL"
    db.execute(named, (spec.name, spec.revision))
    legs = functions.DEFAULT_LEGS
    deeper = fetch(db, functions.hybrid(collection="parts", query=text, k=10, legs=legs))
    after, degraded, _ = ask()
    assert degraded == []
    texts = [hit.fields["title"] for hit in deeper]
    read = rerankers.build(spec, tmp_path, threads=1).score(text, texts)
    best = [deeper[at].external_id for at in np.argsort(-read, kind="stable")]
    assert [hit.external_id for hit in after] == best[:4]
    assert [hit.rank for hit in after] == [1, 2, 3, 4]
    db.execute(named, (spec.name, "another"))
    again, (why,), _ = ask()
    assert (again, "measured with" in why) == (plain, True)


scores = st.lists(st.integers(0, 5).map(float), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(base=scores, data=st.data())
def test_the_new_order_is_a_permutation_between_the_two(
    base: list[float], data: st.DataObject
) -> None:
    given_read = st.lists(st.floats(0, 1), min_size=len(base), max_size=len(base))
    read = np.array([data.draw(given_read)])
    first = np.array([sorted(base, reverse=True)])
    share = data.draw(st.sampled_from([0.25, 0.5, 1.0]))
    found = order(first, read, Blend(share))[0]
    assert sorted(found) == list(range(len(base)))
    # Nobody passes an item that both hold to be at least as good.
    for at, place in enumerate(found):
        for other in found[:at]:
            assert (
                first[0, other] > first[0, place]
                or read[0, other] >= read[0, place]
                or (other < place)
            )
    unsure = order(first, read, Blend(share, threshold=1.5))[0]
    assert unsure.tolist() == list(range(len(base)))
    padded = [np.pad(a, ((0, 0), (0, 3)), constant_values=np.nan) for a in (first, read)]
    assert order(*padded, Blend(share))[0].tolist() == [*found, *range(len(base), len(base) + 3)]
