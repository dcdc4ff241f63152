"""Fusions learned from made queries: a planted better leg is found, a harmful one weighted down."""

from __future__ import annotations

import re
import zlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from db.calls.query import fetch
from db.errors import UnknownName
from db.evaluation import selftune
from db.search import functions, query_log
from db.spaces import embedding
from encoders import registry
from encoders.base import Window
from flows import encoding
from flows.encoding import Encoders
from jobs import embed
from jobs.selftuning import asking, renewal
from jobs.selftuning.asking import AskOptions
from tests.evaluation.support import make_set
from tests.jobs.support import DUMMY
from tests.sql.helpers import column, make_collection, put

if TYPE_CHECKING:
    from collections.abc import Sequence

    from encoders.base import Vectors
    from tests.sql.helpers import Conn

ITEMS = 80


class Planted:
    """An encoder that knows which words are of one thing (wa7, wb7), or (`noise`) nothing at all."""

    spec = registry.spec("dummy")

    def __init__(self, *, noise: bool = False) -> None:
        self._noise = noise

    def windows(self, text: str) -> list[Window]:
        return [Window(text, 0, len(text))]

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._vector(text) for text in texts])

    encode_queries = encode_passages

    def _vector(self, text: str) -> Vectors:
        things = [] if self._noise else re.findall(r"w[abc](\d+)", text)
        seeds = [int(n) for n in things] or [zlib.crc32(text.encode())]
        total = sum(np.random.default_rng(seed).standard_normal(self.spec.dim) for seed in seeds)
        unit: Vectors = (total / np.linalg.norm(total)).astype(np.float32)
        return unit


def texts(n: int, *, same: bool) -> dict[str, str]:
    """A title and two sentences about the thing n, in the same words or in others each time."""
    a, b, c = (f"wa{n}",) * 3 if same else (f"wa{n}", f"wb{n}", f"wc{n}")
    return {
        "title": f"report about {a}",
        "body": f"It is said that {b} has been seen. Nobody knows why {c} was built.",
    }


@pytest.fixture
def collection(
    db: Conn, dummy_space: int, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Conn:
    """Items whose vectors are by `Planted`; parameters: same words in all texts, noise for vectors."""
    same, noise = request.param
    encoder = Planted(noise=noise)
    monkeypatch.setattr(encoding, "encoder_of", lambda *_args: encoder)
    make_collection(db, vector_sources={"text": {"item": ["title", "body"]}})
    put(db, {f"P{n}": texts(n, same=same) for n in range(ITEMS)})
    (space,) = fetch(db, embedding.live_spaces(collection="parts"))
    assert embed.run(db, space, encoder).stored == ITEMS  # type: ignore[arg-type]
    return db


def renew(db: Conn, **options: Any) -> renewal.SelfTuned:
    (standing,) = renewal.standings(db, "parts")
    return renewal.renew(db, standing, Encoders(DUMMY), AskOptions(queries_n=150), **options)


def fusion(db: Conn) -> Any:
    return fetch(db, selftune.fusions(collection="parts"))[0]


@pytest.mark.parametrize("collection", [(False, False)], indirect=True)
def test_vectors_that_alone_know_what_is_meant_are_found_out(collection: Conn) -> None:
    done = renew(collection)
    assert (done.state, done.quieted.keys()) == ("live", {"lexical"}), done
    assert done.means["leg text"].low > done.means["leg lexical"].high
    row = fusion(collection)
    assert (row.rests_on, row.weights["text"]) == ("made queries", 1.0)
    assert row.weights["lexical"] < 0.5
    assert row.basis["quieted"] == done.quieted
    assert row.basis["gain"]["low"] > 0
    assert row.basis["queries"] == sum(done.queries.values()) > 100


@pytest.mark.parametrize("collection", [(True, True)], indirect=True)
def test_vectors_that_only_harm_are_weighted_down(collection: Conn) -> None:
    before = top(collection)
    done = renew(collection)
    assert (done.state, done.quieted.keys()) == ("live", {"text"}), done
    row = fusion(collection)
    assert row.weights["lexical"] == 1.0
    assert row.weights["text"] < 0.3
    assert collection.execute("SELECT in_use FROM eval.decisions").fetchall() == [(True,)]
    assert top(collection) >= before


def top(db: Conn) -> int:
    """Number of things that come first when asked for by name, with vectors that know nothing."""
    right = 0
    for n in range(ITEMS):
        vec = str(Planted(noise=True).encode_queries([f"about wa{n}"])[0].tolist())
        legs = "ARRAY[search.lexical_leg(), search.vector_leg('text', %s)]"
        query = (
            f"SELECT i.external_id FROM search.hybrid('parts', %s, {legs}, 1) JOIN core.item AS i"
        )
        (first,) = db.execute(
            f"{query} ON i.id = item_id".encode(), (f"about wa{n}", vec)
        ).fetchall()
        right += first == (f"P{n}",)
    return right


@pytest.mark.parametrize("collection", [(True, False)], indirect=True)
def test_legs_that_are_equal_are_left_alone(collection: Conn) -> None:
    done = renew(collection)
    assert done.state == "kept", done
    assert (fusion(collection).rests_on, fusion(collection).weights) == ("default", {})
    assert column(collection, "SELECT activated FROM eval.decisions") == [False]


@pytest.mark.parametrize("collection", [(True, True)], indirect=True)
def test_a_dry_run_puts_nothing_to_use(collection: Conn) -> None:
    done = renew(collection, activate=False)
    assert (done.state, bool(done.quieted)) == ("kept", True)
    assert fusion(collection).rests_on == "default"


@pytest.mark.parametrize("collection", [(True, True)], indirect=True)
def test_a_persons_word_stands(collection: Conn) -> None:
    collection.execute(
        "INSERT INTO eval.profile (collection_id, name, active, weights)"
        " SELECT c.id, 'mine', true, '{\"text\": 2}' FROM core.collection AS c"
    )
    done = renew(collection)
    assert (done.state, "mine" in done.reason) == ("person", True)
    assert (fusion(collection).profile, fusion(collection).rests_on) == ("mine", "person")
    collection.execute("UPDATE eval.profile SET active = false")
    make_set(collection, [f"wa{n}" for n in range(12)], {f"wa{n}": {f"P{n}": 1} for n in range(12)})
    done = renew(collection)
    assert (done.state, "--set set" in done.reason) == ("person", True)
    collection.execute("DELETE FROM eval.judgment")
    assert renew(collection).state == "live"


@pytest.mark.parametrize("collection", [(True, True)], indirect=True)
def test_a_renewal_replaces_what_was_learned_before_only_by_better(collection: Conn) -> None:
    assert renew(collection).state == "live"
    first = fusion(collection).profile
    assert renew(collection).state == "kept"
    assert fusion(collection).profile == first
    collection.execute('UPDATE eval.profile SET weights = \'{"text": 1, "lexical": 0}\'')
    assert renew(collection).state == "live"
    assert column(collection, "SELECT name FROM eval.profile") == [fusion(collection).profile]
    assert fusion(collection).profile != first


@pytest.mark.parametrize("collection", [(True, True)], indirect=True)
def test_a_number_comes_first_whatever_was_learned(collection: Conn) -> None:
    collection.execute("UPDATE core.collection SET identifier_fields = '{no}'")
    put(
        collection,
        {"N1": {"title": "valve", "body": "spare"}},
        metadata={"N1": {"no": "TMP-3408LM"}},
    )
    put(collection, {f"M{n}": {"title": "TMP-3408LN valve TMP 3408LM"} for n in range(3)})
    assert renew(collection).state == "live"
    hits = fetch(collection, functions.hybrid(collection="parts", query="TMP-3408LM", k=1))
    assert hits[0].external_id == "N1"


def test_too_few_items_and_words_alone_teach_nothing(db: Conn) -> None:
    make_collection(db)
    put(db, {f"P{n}": texts(n, same=True) for n in range(10)})
    assert (renew(db).state, "10 items" in renew(db).reason) == ("nothing", True)
    put(db, {f"Q{n}": texts(n, same=True) for n in range(60)})
    assert (renew(db).state, "only leg" in renew(db).reason) == ("nothing", True)
    with pytest.raises(UnknownName):
        renewal.standings(db, "nobody")


def test_the_score_of_a_text_is_that_of_an_item_with_it(db: Conn) -> None:
    make_collection(db, field_weights={"title": 2.5})
    put(db, {f"P{n}": texts(n % 7, same=True) for n in range(40)})
    given = {"title": "oil pump", "body": "wa3 has been seen, wa3 was built"}
    ids = put(db, {"own": given})
    query = "why wa3 pump wa5 seen"
    hits = fetch(db, functions.lexical(collection="parts", query=query, k=100))
    score = {hit.item_id: hit.score for hit in hits}[ids["own"]]
    call = "SELECT impl.score_of_text('parts', %s, (SELECT fields FROM core.item WHERE id = %s))"
    assert db.execute(call, (query, ids["own"])).fetchone() == (pytest.approx(score, rel=1e-6),)
    assert db.execute("SELECT impl.score_of_text('parts', 'zz', '{\"a\": \"b\"}')").fetchone() == (
        None,
    )


@pytest.mark.parametrize("collection", [(False, True)], indirect=True)
def test_what_people_open_is_learned_from(collection: Conn) -> None:
    opened = [(f"who built wa{n}", f"P{n}", 9) for n in range(20)]
    opened += [("who built wa1", "P1", 8), ("Who built  WA1", "P2", 1), ("wa2", "P2", 1)]
    opened += [("wa2", "P3", 2), ("wa2", "P4", 2)]
    for query, item, rank in opened:
        log = query_log.log_click(
            collection="parts",
            query=query,
            external_id=item,
            rank=rank,
            keep=timedelta(days=1),
            key_id=None,
        )
        fetch(collection, log)
    rows = fetch(collection, selftune.clicked_queries(collection="parts", queries_n=50, seed=1))
    answers = {row.query.casefold(): row.external_id for row in rows}
    assert answers == {**{f"who built wa{n}": f"P{n}" for n in range(20)}, "wa2": "P3"}
    made = asking.ask(collection, "parts", Encoders(DUMMY), AskOptions(queries_n=60))
    assert made.strata.count("clicks, asked") > 10
    collection.execute("DELETE FROM core.item WHERE external_id = 'P3'")
    collection.execute(
        "UPDATE ops.query_click SET expires_at = now() - interval '1 s' WHERE rank = 9"
    )
    fetch(collection, query_log.forget_searches())
    rows = fetch(collection, selftune.clicked_queries(collection="parts", queries_n=50, seed=1))
    assert {(row.query.casefold(), row.external_id) for row in rows} == {
        ("who built wa1", "P1"),
        ("wa2", "P4"),
    }


def test_a_made_query_is_cut_out_of_its_item(db: Conn) -> None:
    make_collection(db)
    put(db, {f"P{n}": texts(n, same=False) for n in range(30)})
    rows = fetch(db, selftune.made_queries(collection="parts", items_n=30, seed=1))
    assert {row.field for row in rows} == {"title", "body"}
    assert {row.form for row in rows} == {"whole", "some words"}
    for row in rows:
        given = texts(int(row.external_id[1:]), same=False)[row.field]
        assert row.piece in given
        assert row.piece not in row.fields[row.field]
        assert set(row.query.split()) <= set(re.split(r"[\s.]+", row.piece)) | {*row.piece.split()}
        assert (row.query == row.piece) == (row.form == "whole")
    again = fetch(db, selftune.made_queries(collection="parts", items_n=30, seed=1))
    assert [row.query for row in again] == [row.query for row in rows]
    assert len(fetch(db, selftune.made_queries(collection="parts", items_n=5, seed=1))) <= 10
