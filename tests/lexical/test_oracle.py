"""search.lexical against BM25 computed elsewhere: rank_bm25 on small corpora, numpy on larger ones."""

from __future__ import annotations

import itertools
import json
import math
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from psycopg.types.json import Jsonb
from rank_bm25 import BM25Okapi

from tests.lexical import support

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from tests.lexical.support import Conn

QUIET = settings(
    deadline=None,
    database=None,
    derandomize=True,
    print_blob=False,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)

# Few words, so that they meet; compounds, Hangul and things that are no token among them.
WORDS = ["pump", "pumps", "seal", "the", "진공", "진공펌프", "펌", "a1b2", "valve", "-", "ab"]
QUERY_WORDS = [*WORDS, "unheard", "공", ""]
texts = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
queries = st.lists(st.sampled_from(QUERY_WORDS), max_size=6).map(" ".join)
field_sets = st.dictionaries(st.sampled_from(["title", "body", "note"]), texts, max_size=3)
metadatas = st.fixed_dictionaries(
    {"n": st.integers(0, 3)}, optional={"tags": st.lists(st.sampled_from(["x", "y"]), max_size=2)}
)
weightings = st.dictionaries(
    st.sampled_from(["title", "body", "note"]), st.integers(0, 3), max_size=3
)
ks = st.sampled_from([1, 2, 3, 10, 1000])


class Lucene(BM25Okapi):
    """BM25 with the idf that cannot be negative."""

    def _calc_idf(self, nd: Mapping[str, int]) -> None:
        for word, freq in nd.items():
            self.idf[word] = math.log(1 + (self.corpus_size - freq + 0.5) / (freq + 0.5))


def expected_scores(bags: Mapping[int, Sequence[str]], tokens: Sequence[str]) -> dict[int, float]:
    """BM25 of the documents that have a token, by item id."""
    if not any(bags.values()):
        return {}
    bm25 = Lucene([list(bag) for bag in bags.values()], k1=1.2, b=0.75)
    return {
        item: float(score)
        for item, score in zip(bags, bm25.get_scores(tokens), strict=True)
        if score > 0
    }


def check_ranking(
    rows: Sequence[tuple[int, int, float, list[str]]],
    expected: Mapping[int, float],
    k: int,
    key: Callable[[int], Any],
) -> None:
    """Scores, order, ranks; `key` is equal for documents that must score equally to the last bit.

    Documents whose scores differ by rounding alone may stand in either order; equal documents
    may not: the smaller id comes first, also across the cut at k.
    """
    assert [row[1] for row in rows] == list(range(1, len(rows) + 1))
    best = sorted(expected.values(), reverse=True)[:k]
    assert len(rows) == len(best)
    np.testing.assert_allclose([row[2] for row in rows], best, atol=1e-6, rtol=1e-5)
    for item, _, score, _ in rows:
        assert score == pytest.approx(expected[item], abs=1e-6, rel=1e-5)
    order = [(-row[2], row[0]) for row in rows]
    assert order == sorted(order)
    last: dict[Any, int] = {}
    for item, *_ in rows:
        last[key(item)] = max(item, last.get(key(item), 0))
    here = {row[0] for row in rows}
    for item in expected:
        assert item in here or item > last.get(key(item), 0)


class Analyzer:
    """search.analyze, remembered."""

    def __init__(self, conn: Conn) -> None:
        self.conn = conn
        self.known: dict[tuple[str, str], list[str]] = {}

    def __call__(self, analyzer: str, text: str) -> list[str]:
        asked = (analyzer, text)
        if asked not in self.known:
            self.known[asked] = support.one(self.conn, "SELECT search.analyze(%s, %s)", asked)
        return self.known[asked]

    def bag(
        self, analyzer: str, weights: Mapping[str, int], fields: Mapping[str, str]
    ) -> list[str]:
        """Tokens of an item, those of a field repeated as often as it weighs."""
        return [
            token
            for name, text in sorted(fields.items())
            for token in self(analyzer, text) * weights.get(name, 1)
        ]


@pytest.mark.parametrize("analyzer", ["simple", "english", "korean"])
def test_scores_equal_rank_bm25(db: Conn, analyzer: str) -> None:
    analyze = Analyzer(db)

    @settings(QUIET, max_examples=30)
    @given(
        corpus=st.lists(field_sets, min_size=1, max_size=12),
        asked=st.lists(queries, min_size=1, max_size=4),
        weights=weightings,
        k=ks,
    )
    def check(
        corpus: list[dict[str, str]], asked: list[str], weights: dict[str, int], k: int
    ) -> None:
        support.clear(db)
        cid = support.make_collection(db, "c", analyzer, weights)
        ids = [
            support.one(
                db,
                "INSERT INTO core.item (collection_id, external_id, fields)"
                " VALUES (%s, %s, %s) RETURNING id",
                (cid, str(at), Jsonb(fields)),
            )
            for at, fields in enumerate(corpus)
        ]
        bags = {
            item: analyze.bag(analyzer, weights, fields)
            for item, fields in zip(ids, corpus, strict=True)
        }
        for query in asked:
            tokens = analyze(analyzer, query)
            rows = support.lexical(db, "c", query, k)
            check_ranking(rows, expected_scores(bags, tokens), k, lambda i: tuple(sorted(bags[i])))
            for item, _, _, terms in rows:
                assert terms == sorted({t for t in tokens if t in bags[item]})

    check()


class History(RuleBasedStateMachine):
    """A collection under arbitrary writes, merges and changes of weights, asked in between."""

    conn: Conn
    analyze: Analyzer

    @initialize(weights=weightings, analyzer=st.sampled_from(["simple", "korean"]))
    def start(self, weights: dict[str, int], analyzer: str) -> None:
        support.clear(self.conn)
        self.cid = support.make_collection(self.conn, "c", analyzer, weights)
        self.analyzer, self.weights = analyzer, weights
        self.items: dict[str, tuple[int, dict[str, str], dict[str, Any]]] = {}
        self.next = 0

    @rule(batch=st.lists(st.tuples(field_sets, metadatas), min_size=1, max_size=6))
    def insert(self, batch: list[tuple[dict[str, str], dict[str, Any]]]) -> None:
        names = [f"e{self.next + at}" for at in range(len(batch))]
        self.next += len(batch)
        ids = dict(
            self.conn.execute(
                "INSERT INTO core.item (collection_id, external_id, fields, metadata)"
                " SELECT %s, * FROM unnest(%s::text[], %s::jsonb[], %s::jsonb[])"
                " RETURNING external_id, id",
                (self.cid, names, [Jsonb(b[0]) for b in batch], [Jsonb(b[1]) for b in batch]),
            ).fetchall()
        )
        for name, (fields, metadata) in zip(names, batch, strict=True):
            self.items[name] = (ids[name], fields, metadata)

    @precondition(lambda self: self.items)
    @rule(data=st.data(), fields=field_sets, metadata=metadatas)
    def update(self, data: st.DataObject, fields: dict[str, str], metadata: dict[str, Any]) -> None:
        names = data.draw(st.sets(st.sampled_from(sorted(self.items)), max_size=4))
        self.conn.execute(
            "UPDATE core.item SET fields = %s, metadata = %s WHERE external_id = ANY (%s)",
            (Jsonb(fields), Jsonb(metadata), list(names)),
        )
        for name in names:
            self.items[name] = (self.items[name][0], fields, metadata)

    @precondition(lambda self: self.items)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        names = data.draw(st.sets(st.sampled_from(sorted(self.items)), max_size=4))
        self.conn.execute("DELETE FROM core.item WHERE external_id = ANY (%s)", (list(names),))
        for name in names:
            del self.items[name]

    @precondition(lambda self: self.items)
    @rule(data=st.data(), fields=field_sets)
    def upsert(self, data: st.DataObject, fields: dict[str, str]) -> None:
        old = data.draw(st.sampled_from(sorted(self.items)))
        new = f"e{self.next}"
        self.next += 1
        rows = [
            {"external_id": name, "fields": fields, "metadata": {"n": 0}} for name in (old, new)
        ]
        for name, item, _ in self.conn.execute(
            "SELECT * FROM ops.upsert_items('c', %s)", (Jsonb(rows),)
        ):
            self.items[name] = (item, fields, {"n": 0})

    @precondition(lambda self: self.items)
    @rule(data=st.data(), fields=field_sets)
    def rolled_back(self, data: st.DataObject, fields: dict[str, str]) -> None:
        name = data.draw(st.sampled_from(sorted(self.items)))
        with self.conn.transaction(force_rollback=True):
            self.conn.execute(
                "UPDATE core.item SET fields = %s WHERE external_id = %s", (Jsonb(fields), name)
            )
            self.conn.execute("DELETE FROM core.item WHERE external_id = %s", (name,))

    @precondition(lambda self: len(self.items) > 8)
    @rule()
    def truncate(self) -> None:
        self.conn.execute("TRUNCATE core.item CASCADE")
        self.items.clear()

    @rule(size=st.sampled_from([0.0003, support.SMALL, 1]), steps=st.integers(1, 4))
    def merge(self, size: float, steps: int) -> None:
        """Some steps of a merge, into chunks of a few documents, or of 16,000."""
        index_id = support.live_index(self.conn, "c")
        for _ in range(steps):
            self.conn.execute("SELECT * FROM impl.merge_step(%s, %s)", (index_id, size))

    @precondition(lambda self: self.items)
    @rule()
    def promote(self) -> None:
        """Vectors for lexemes that no merge of so few documents would give some."""
        self.conn.execute(
            "UPDATE core.lexical_chunk AS c SET promote = %s WHERE c.index_id = %s",
            (["pump", "seal", "ab"], support.live_index(self.conn, "c")),
        )

    @rule(weights=weightings)
    def reweigh(self, weights: dict[str, int]) -> None:
        """Until the index that this starts is built, the old weights hold."""
        self.conn.execute(
            "SELECT ops.alter_collection('c', field_weights => %s)", (Jsonb(weights),)
        )

    @rule(batch_n=st.sampled_from([1, 2, 100]))
    def build(self, batch_n: int) -> None:
        for index_id in support.column(
            self.conn, "SELECT id FROM core.lexical_index WHERE status = 'building'"
        ):
            support.build_and_swap(self.conn, index_id, batch_n)
            self.weights = support.one(self.conn, "SELECT field_weights FROM core.collection")

    @rule(query=queries, k=ks, at=st.sampled_from([None, 0, 1]), how=st.sampled_from("cpt"))
    def ask(self, query: str, k: int, at: int | None, how: str) -> None:
        filter_ = None
        passing = list(self.items.values())
        if at is not None and how == "c":
            filter_ = json.dumps({"n": at})
            passing = [i for i in passing if i[2].get("n") == at]
        elif at is not None and how == "p":
            filter_ = f"$.n > {at}"
            passing = [i for i in passing if i[2].get("n", -1) > at]
        elif at is not None:
            filter_ = 'exists($.tags[*] ? (@ == "x"))'
            passing = [i for i in passing if "x" in i[2].get("tags", [])]
        bags = {
            item: self.analyze.bag(self.analyzer, self.weights, fields)
            for item, fields, _ in self.items.values()
        }
        expected = expected_scores(bags, self.analyze(self.analyzer, query))
        allowed = {item for item, _, _ in passing}
        check_ranking(
            support.lexical(self.conn, "c", query, k, filter_),
            {item: score for item, score in expected.items() if item in allowed},
            k,
            lambda i: tuple(sorted(bags[i])),
        )

    @invariant()
    def consistent(self) -> None:
        support.check_consistent(self.conn)


def test_any_history_of_writes_and_merges(db: Conn) -> None:
    def machine() -> History:
        made = History()
        made.conn, made.analyze = db, analyze
        return made

    analyze = Analyzer(db)
    run_state_machine_as_test(
        machine, settings=settings(QUIET, max_examples=50, stateful_step_count=25)
    )


@pytest.mark.parametrize("query", ["", "   ", "-", "unheard", None])
def test_a_query_without_known_words_finds_nothing(db: Conn, query: str | None) -> None:
    cid = support.make_collection(db, "c")
    assert support.lexical(db, "c", query) == []
    support.copy_items(db, cid, [("a", {"t": "pump"}, {}), ("b", {}, {})])
    assert support.lexical(db, "c", query) == []


@pytest.mark.parametrize(("k", "n"), [(0, 0), (1, 1), (3, 3), (100, 5), (2**31 - 1, 5)])
def test_every_k_is_answered(db: Conn, k: int, n: int) -> None:
    cid = support.make_collection(db, "c")
    support.copy_items(db, cid, [(str(at), {"t": "pump"}, {"n": at}) for at in range(5)])
    assert len(support.lexical(db, "c", "pump", k)) == n
    assert len(support.lexical(db, "c", "pump", k, "$.n >= 0")) == n


# Larger corpora: words w0 … by a Zipf law, so that the commonest is in nearly every document.


class Corpus:
    """Documents as a matrix of term frequencies (float32, as the index keeps them)."""

    def __init__(self, seed: int, n: int, words: int, length: int) -> None:
        self.rng = np.random.default_rng(seed)
        shares = 1 / np.arange(1, words + 1) ** 1.1
        self.shares = shares / shares.sum()
        self.length = length
        self.k1, self.b = 1.2, 0.75
        self.counts: NDArray[np.float64] = np.stack([self.draw() for _ in range(n)])
        self.alive = np.ones(n, dtype=bool)
        self.ids = np.zeros(n, dtype=np.int64)

    def draw(self) -> NDArray[np.float64]:
        n = max(1, self.rng.poisson(self.length))
        return self.rng.multinomial(n, self.shares).astype(np.float64)

    def text(self, at: int) -> str:
        words = np.repeat(np.arange(len(self.shares)), self.counts[at].astype(int))
        return " ".join(f"w{w}" for w in self.rng.permutation(words))

    def load(self, conn: Conn, cid: int, statements: int = 1) -> None:
        for part in np.array_split(np.arange(len(self.counts)), statements):
            support.copy_items(
                conn, cid, [(str(at), {"t": self.text(at)}, {"n": int(at)}) for at in part]
            )
        for name, item in conn.execute(
            "SELECT external_id, id FROM core.item WHERE collection_id = %s", (cid,)
        ):
            self.ids[int(name)] = item

    def churn(self, conn: Conn, deleted: int, updated: int) -> None:
        """Delete some, rewrite others, in several statements."""
        chosen = self.rng.choice(len(self.counts), deleted + updated, replace=False)
        conn.execute(
            "DELETE FROM core.item WHERE id = ANY (%s)", (self.ids[chosen[:deleted]].tolist(),)
        )
        self.alive[chosen[:deleted]] = False
        for part in np.array_split(chosen[deleted:], 5):
            for at in part:
                self.counts[at] = self.draw()
            conn.execute(
                "UPDATE core.item AS i SET fields = jsonb_build_object('t', u.text)"
                " FROM unnest(%s::bigint[], %s::text[]) AS u(id, text) WHERE i.id = u.id",
                (self.ids[part].tolist(), [self.text(at) for at in part]),
            )

    def scores(self, words: Sequence[int]) -> dict[int, float]:
        counts, ids = self.counts[self.alive], self.ids[self.alive]
        lengths = counts.sum(axis=1)
        norm = self.k1 * (1 - self.b + self.b * lengths / lengths.mean())
        total = np.zeros(len(ids))
        for word, times in Counter(words).items():
            tf = counts[:, word]
            df = int((tf > 0).sum())
            idf = math.log(1 + (len(ids) - df + 0.5) / (df + 0.5))
            total += times * idf * tf * (self.k1 + 1) / np.where(tf > 0, tf + norm, 1)
        return {int(i): float(s) for i, s in zip(ids, total, strict=True) if s > 0}

    def queries(self, n: int) -> list[list[int]]:
        """Half of them of common words only, which bounds tell little about; each fifth a whole sentence."""
        common = len(self.shares) // 4
        return [
            list(self.rng.integers(0, common if at % 2 else len(self.shares), length))
            for at, length in zip(range(n), itertools.cycle([1, 2, 3, 4, 30]))
        ]

    def check(self, conn: Conn, words: Sequence[int], k: int, below: int | None = None) -> None:
        expected = self.scores(words)
        if below is not None:
            passing = set(self.ids[:below].tolist())
            expected = {i: s for i, s in expected.items() if i in passing}
        at_of = {int(item): at for at, item in enumerate(self.ids)}
        rows = support.lexical(
            conn,
            "c",
            " ".join(f"w{w}" for w in words),
            k,
            None if below is None else f"$.n < {below}",
        )
        check_ranking(rows, expected, k, lambda i: self.counts[at_of[i]].tobytes())


@pytest.mark.parametrize(("seed", "n", "words", "length"), [(1, 3000, 60, 12), (2, 3000, 400, 30)])
def test_many_chunks_give_the_exact_answer(
    db: Conn, seed: int, n: int, words: int, length: int
) -> None:
    corpus = Corpus(seed, n, words, length)
    cid = support.make_collection(db, "c")
    corpus.load(db, cid, statements=4)
    index_id = support.live_index(db, "c")
    for state in ("loaded", "chunks", "churned", "merged"):
        if state == "chunks":
            assert "chunk" in support.merge(db, index_id, 0.05)
        elif state == "churned":
            corpus.churn(db, deleted=n // 5, updated=n // 5)
        elif state == "merged":
            assert "rebuild" in support.merge(db, index_id, 0.1)
        for at, asked in enumerate(corpus.queries(20)):
            corpus.check(db, asked, (1, 10, 100, 5000)[at % 4])
        support.check_consistent(db)


def test_a_word_that_nearly_all_have_is_no_weight_on_the_others(db: Conn) -> None:
    """Its weight has grown by a sixth with one more that lacks it: by that many others are in question."""
    cid = support.make_collection(db, "c")
    texts = [
        f"{'all ' * (at >= 5)}{'mid ' * (at % 2)}{'rest ' * (20 + at % 5)}" for at in range(2600)
    ]
    support.copy_items(db, cid, [(str(at), {"t": text}, {}) for at, text in enumerate(texts)])
    assert "chunk" in support.merge(db, support.live_index(db, "c"), 0.25)
    texts.append("rest")
    support.copy_items(db, cid, [("2600", {"t": "rest"}, {})])
    ids = support.column(db, "SELECT id FROM core.item ORDER BY external_id::int")
    bags = {item: text.split() for item, text in zip(ids, texts, strict=True)}
    for k in (1, 3, 10, 100):
        expected = expected_scores(bags, ["all", "mid"])
        rows = support.lexical(db, "c", "all mid", k)
        check_ranking(rows, expected, k, lambda i: tuple(sorted(bags[i])))


@pytest.mark.parametrize(("k1", "b"), [(0.9, 0.4), (2.0, 1.0), (1.2, 0.0), (0.0, 0.5)])
def test_constants_may_change_under_the_chunks(db: Conn, k1: float, b: float) -> None:
    corpus = Corpus(5, 2000, 200, 20)
    corpus.load(db, support.make_collection(db, "c"))
    index_id = support.live_index(db, "c")
    support.merge(db, index_id, 0.05)
    db.execute("UPDATE core.lexical_index SET k1 = %s, b = %s", (k1, b))
    corpus.k1, corpus.b = k1, b
    for state in ("old vectors", "new vectors"):
        if state == "new vectors":
            assert "rebuild" in support.merge(db, index_id, 0.05)
        for at, asked in enumerate(corpus.queries(20)):
            corpus.check(db, asked, (1, 10, 100)[at % 3])


def test_every_way_to_a_score_gives_the_same_bits(db: Conn) -> None:
    """From postings, from chunks and forward rows, from forward rows alone; few words and many."""
    corpus = Corpus(4, 3000, 300, 40)
    corpus.load(db, support.make_collection(db, "c"), statements=3)
    db.execute("SELECT * FROM impl.merge_step(%s, 0.05)", (support.live_index(db, "c"),))
    for asked in corpus.queries(20):
        query = " ".join(f"w{w}" for w in asked)
        scored = {
            (k, below): {row[0]: row[2] for row in support.lexical(db, "c", query, k, below)}
            for k, below in ((5000, None), (5, None), (5000, "$.n < 2999"), (5000, "$.n < 300"))
        }
        whole = scored.pop((5000, None))
        for some in scored.values():
            assert some
            assert some == {item: whole[item] for item in some}


def test_filters_of_every_selectivity(db: Conn) -> None:
    n = 6000
    corpus = Corpus(3, n, 50, 5)
    cid = support.make_collection(db, "c")
    corpus.load(db, cid, statements=3)
    for state in ("loaded", "churned", "merged"):
        if state == "churned":
            corpus.churn(db, deleted=900, updated=900)
        elif state == "merged":
            support.merge(db, support.live_index(db, "c"), 0.1)
        for at, below in enumerate((0, 1, 20, 1500, 2000, 2001, 2200, 4000, n)):
            for asked in corpus.queries(4):
                corpus.check(db, asked, (10, 1, 100, 3000)[at % 4], below)


@pytest.mark.parametrize("weight", [0.1, 0.3, 2.7])
@pytest.mark.parametrize("words", [1, 7])
def test_equal_documents_come_by_id_whatever_the_weight(
    db: Conn, weight: float, words: int
) -> None:
    """Sums of vectors are single precision: thresholds made of them must not lose equal documents."""
    cid = support.make_collection(db, "c", weights={"t": weight})
    text = " ".join(["pump", "x", "seal", "x", "valve", "y", "z"][:words])
    items = [(str(at), {"t": text}, {}) for at in range(3000)]
    items += [(f"other{at}", {"t": "pump " + "z " * (at % 40 + 8)}, {}) for at in range(500)]
    support.copy_items(db, cid, items)
    # The first ones are indexed anew: smallest item ids, greatest document ids, no chunk of their own.
    for number in range(0, 30, 3):
        for new in ("something else", text):
            db.execute(
                "UPDATE core.item SET fields = jsonb_build_object('t', %s::text)"
                " WHERE external_id = %s",
                (new, str(number)),
            )
    want = support.column(
        db, "SELECT id FROM core.item WHERE external_id !~ 'other' ORDER BY id LIMIT 100"
    )
    for k in (1, 10, 100):
        for _ in ("updated", "merged"):
            rows = support.lexical(db, "c", "pump seal", k)
            assert [row[0] for row in rows] == want[:k]
        support.merge(db, support.live_index(db, "c"))
