"""Synonyms: scores against a plain reference, writing them, and what they must leave alone."""

from __future__ import annotations

import math
import random
from collections import Counter
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.lexical.support import (
    SMALL,
    column,
    copy_items,
    found,
    lexical,
    live_index,
    make_collection,
    merge,
    one,
)

Conn = psycopg.Connection[Any]
Group = dict[str, Any]


def set_synonyms(conn: Conn, groups: list[Group], *, replaces: bool = False) -> list[Any]:
    """Ends of the groups: (number, done, reason)."""
    return conn.execute(
        "SELECT no, done, reason FROM ops.set_synonyms('c', %s, %s)", (Jsonb(groups), replaces)
    ).fetchall()


def occurrences(tokens: list[str], part: list[str]) -> int:
    """Number of times that a part stands in tokens, not overlapping."""
    n = at = 0
    while at <= len(tokens) - len(part):
        if tokens[at : at + len(part)] == part:
            n, at = n + 1, at + len(part)
        else:
            at += 1
    return n


def expansions(query: list[str], groups: list[Group]) -> list[list[tuple[list[str], float]]]:
    """Per token of a query its parts: itself, and alternatives of groups that are typed there."""
    parts: list[dict[tuple[str, ...], float]] = [{(token,): 1.0} for token in query]
    for group in groups:
        for typed in group.get("typed") or group["words"]:
            side = typed.split()
            for start in range(len(query) - len(side) + 1):
                if query[start : start + len(side)] != side:
                    continue
                for word in group["words"]:
                    for at in range(start, start + len(side)):
                        other = tuple(word.split())
                        if list(other) != side and query[at] not in other:
                            weight = max(parts[at].get(other, 0), group.get("weight", 1))
                            parts[at][other] = weight
    return [[(list(part), weight) for part, weight in of.items()] for of in parts]


def reference(
    docs: dict[str, list[tuple[list[str], float]]], query: list[str], groups: list[Group]
) -> dict[str, float]:
    """BM25F of documents (fields as tokens and weight), each term and its synonyms as one term."""
    k1, b = 1.2, 0.75
    length = {doc: sum(w * len(t) for t, w in fields) for doc, fields in docs.items()}
    average = sum(length.values()) / len(docs)
    df = Counter(t for fields in docs.values() for t in {t for f, _ in fields for t in f})
    scores: dict[str, float] = {}
    terms = Counter(
        tuple(sorted((" ".join(part), weight) for part, weight in parts))
        for parts in expansions(query, groups)
    )
    for term, n in terms.items():
        best = max(min(df[token] for token in part.split()) for part, _ in term)
        if best == 0:
            continue
        idf = math.log(1 + (len(docs) - best + 0.5) / (best + 0.5))
        for doc, fields in docs.items():
            tf = sum(
                fw * pw * occurrences(tokens, part.split())
                for part, pw in term
                for tokens, fw in fields
            )
            if tf > 0:
                norm = k1 * (1 - b + b * length[doc] / average)
                gain = tf * (k1 + 1) / (tf + norm)
                scores[doc] = scores.get(doc, 0.0) + n * idf * gain
    return scores


def drawn(rng: random.Random, words: list[str], most: int) -> str:
    return " ".join(rng.choices(words, weights=range(len(words), 0, -1), k=rng.randint(1, most)))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("chunked", [False, True])
def test_scores_are_those_of_the_reference(db: Conn, seed: int, chunked: bool) -> None:
    rng = random.Random(seed)
    words = [f"w{chr(97 + i)}" for i in range(12)]
    weights = {"t": 2.0} if seed % 3 == 0 else {}
    cid = make_collection(db, "c", "simple", weights)
    long_n = 900 if seed % 4 == 1 else 12
    texts = {str(i): {"t": drawn(rng, words, 4), "u": drawn(rng, words, long_n)} for i in range(60)}
    rows = [(i, f, {"even": int(i) % 2 == 0}) for i, f in texts.items()]
    copy_items(db, cid, rows[:50])
    if chunked:
        merge(db, live_index(db, "c"), SMALL)
    copy_items(db, cid, rows[50:])
    groups = [
        {"words": [drawn(rng, words, 2), "new word", drawn(rng, words, 3)], "weight": 0.5},
        {"typed": [rng.choice(words)], "words": [rng.choice(words), drawn(rng, words, 2)]},
        {"typed": ["new"], "words": [rng.choice(words)]},
    ]
    groups = [g for g in groups if len({*g["words"], *g.get("typed", [])}) > 1]
    assert {row[1] for row in set_synonyms(db, groups)} <= {"added", "kept"}
    docs = {
        i: [(f["t"].split(), weights.get("t", 1.0)), (f["u"].split(), 1.0)]
        for i, f in texts.items()
    }
    names = dict(db.execute("SELECT id, external_id FROM core.item").fetchall())
    for query in [drawn(rng, words, 4), "new", "new word", drawn(rng, words, 9)]:
        expected = reference(docs, query.split(), groups)
        for k in (3, 100):
            rows_ = lexical(db, "c", query, k)
            answer = [(names[item], score) for item, _, score, _ in rows_]
            best = sorted(expected.values(), reverse=True)[:k]
            assert [score for _, score in answer] == pytest.approx(best, rel=1e-9)
            assert all(expected[doc] == pytest.approx(score, rel=1e-9) for doc, score in answer)
        half = lexical(db, "c", query, 100, '{"even": true}')
        even = sorted((s for d, s in expected.items() if int(d) % 2 == 0), reverse=True)
        assert [score for _, _, score, _ in half] == pytest.approx(even, rel=1e-9)


@pytest.fixture
def parts(db: Conn) -> Conn:
    cid = make_collection(db, "c", "korean")
    texts = {
        "ko": "소형 진공 펌프",
        "en": "small vacuum pumps",
        "no": "pump of water",
        "seal": "패킹",
    }
    copy_items(db, cid, [(name, {"t": text}, {}) for name, text in texts.items()])
    return db


def test_a_phrase_finds_its_translation_and_shows_it(parts: Conn) -> None:
    set_synonyms(parts, [{"words": ["진공 펌프", "vacuum pump"]}])
    assert found(parts, "c", "vacuum pump") == ["ko", "en", "no"]  # the first two score alike
    assert found(parts, "c", "진공 펌프") == ["ko", "en"]
    shown = {row[0]: row[3] for row in lexical(parts, "c", "vacuum pump")}
    assert ["진공 펌프"] in shown.values()
    marked = column(
        parts,
        "SELECT (search.highlight('c', 'vacuum pump', id)).snippet FROM core.item"
        " WHERE external_id = 'ko'",
    )
    assert marked == ["소형 <mark>진공</mark> <mark>펌프</mark>"]


def test_hangul_is_found_with_and_without_its_spaces(parts: Conn) -> None:
    copy_items(
        parts,
        int(one(parts, "SELECT id FROM core.collection")),
        [("joined", {"t": "진공펌프"}, {})],
    )
    set_synonyms(parts, [{"words": ["진공 펌프", "suction"]}])
    assert sorted(found(parts, "c", "suction")) == ["joined", "ko"]
    copy_items(
        parts, int(one(parts, "SELECT id FROM core.collection")), [("s", {"t": "suction"}, {})]
    )
    assert "s" in found(parts, "c", "진공펌프")


def test_one_way_is_one_way_and_changes_are_in_force_at_once(parts: Conn) -> None:
    set_synonyms(parts, [{"typed": ["o-ring"], "words": ["패킹"]}])
    assert found(parts, "c", "o-ring") == ["seal"]
    copy_items(
        parts, int(one(parts, "SELECT id FROM core.collection")), [("o", {"t": "o-ring"}, {})]
    )
    assert found(parts, "c", "패킹") == ["seal"]
    rows = set_synonyms(parts, [{"words": ["패킹", "o-ring"]}], replaces=True)
    assert [row[1] for row in rows] == ["added", "removed"]
    assert found(parts, "c", "패킹") == ["seal", "o"]
    parts.execute("SELECT ops.remove_synonyms('c', ARRAY(SELECT group_id FROM search.synonyms))")
    assert found(parts, "c", "패킹") == ["seal"]
    assert one(parts, "SELECT count(*) FROM core.synonym_term") == 0


def test_synonyms_follow_a_change_of_analyzer(parts: Conn) -> None:
    set_synonyms(parts, [{"words": ["pumping", "패킹"]}])
    parts.execute("SELECT ops.alter_collection('c', analyzer => 'simple')")
    kinds = column(parts, "SELECT DISTINCT analyzer FROM core.synonym_term ORDER BY 1")
    assert kinds == ["korean", "simple"]
    building = one(parts, "SELECT id FROM core.lexical_index WHERE status = 'building'")
    at: int | None = 0
    while at is not None:
        at = one(parts, "SELECT impl.lexical_build_step(%s, %s, 100)", (building, at))
    parts.execute("SELECT impl.lexical_swap(%s)", (building,))
    assert column(parts, "SELECT DISTINCT analyzer FROM core.synonym_term") == ["simple"]
    assert found(parts, "c", "pumping") == ["seal"]


def test_bad_groups_are_named_and_the_others_taken(parts: Conn) -> None:
    bad = [
        {"words": ["one"]},
        {"words": ["pump", "..."]},
        {"words": ["pump", "seal"], "weight": 2},
        {"words": "pump"},
        {"words": ["a b", " a  b "]},
        "pump",
        {"words": ["pump", "x"], "more": 1},
        {"words": ["x"] * 30},
        {"words": ["pump", "valve " * 20]},
    ]
    rows = set_synonyms(parts, [*bad, {"words": ["pump", "펌프"]}], replaces=True)
    assert [row[1] for row in rows] == ["refused"] * len(bad) + ["added"]
    assert all(row[2] for row in rows[:-1])
    # Nothing is removed where something was refused.
    rows = set_synonyms(parts, [bad[0]], replaces=True)
    assert [row[1] for row in rows] == ["refused"]
    assert one(parts, "SELECT count(*) FROM search.synonyms") == 1
    assert [
        row[1] for row in set_synonyms(parts, [{"words": ["펌프", "pump"], "weight": 0.5}])
    ] == ["kept"]
    assert one(parts, "SELECT weight FROM search.synonyms") == 0.5


@pytest.mark.parametrize("groups", ["{}", "null", '"x"'])
def test_what_is_no_list_is_refused(parts: Conn, groups: str) -> None:
    with pytest.raises(psycopg.errors.DatabaseError) as caught:
        parts.execute("SELECT ops.set_synonyms('c', %s::jsonb)", (groups,))
    assert caught.value.sqlstate == "SG004"


def test_totals_count_what_synonyms_find(parts: Conn) -> None:
    copy_items(
        parts,
        int(one(parts, "SELECT id FROM core.collection")),
        [("gap", {"t": "진공 없는 펌프"}, {})],
    )
    set_synonyms(parts, [{"words": ["진공 펌프", "suction"]}])
    assert found(parts, "c", "suction") == ["ko"]  # side by side alone
    for passing in (None, "exists($)"):
        total = parts.execute(
            "SELECT * FROM search.total('c', 'suction', %s)", (passing,)
        ).fetchone()
        assert total == (1, True)
