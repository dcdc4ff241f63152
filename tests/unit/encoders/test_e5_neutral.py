from __future__ import annotations

import hashlib
import json
import re
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoders.text.e5.encoder import NEUTRAL, PLAIN
from encoders.text.e5.neutral import (
    PASSAGE_LINES,
    SENTENCES,
    STRENGTH,
    Neutral,
    passages,
    sentences,
)

if TYPE_CHECKING:
    from encoders.base import TextEncoder, Vectors

EXAMPLES = Path(__file__).parents[3] / "examples"
HANGUL, LATIN = re.compile("[가-힣]"), re.compile("[A-Za-z]")
# What the number behind `neutral` in the pooling of a spec stands for.
SENTENCES_OF_1 = "bf927d786f9fea9a8a6f12c594eada2761e74a56594c23f4e99b80a3d37dd6c9"
TEXTS = {
    "hangul": "베어링에서 쇳소리가 난다",
    "latin": "the bearing makes a grinding noise",
    "mixed": "dry pump 베어링 noise 점검",
    "digits": "380 50/60 2.2",
    "latex": "$\\overline{AB} = 13$일 때 넓이는?",
    "other script": "ポンプの騒音",
    "empty": "",
}


def unit(vectors: Vectors) -> Vectors:
    found: Vectors = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return found


def random_case(seed: int, languages: int) -> tuple[Vectors, Vectors]:
    """Means that share most of themselves, as those of the model do, and some unit vectors."""
    rng = np.random.default_rng(seed)
    shared = unit(rng.normal(size=24))
    means = 0.9 * unit(shared + 0.3 * rng.normal(size=(languages, 24)))
    return means.astype(np.float32), unit(rng.normal(size=(5, 24))).astype(np.float32)


@given(st.integers(0, 1000), st.integers(2, 4))
def test_rows_become_unit_rows_without_a_trace_of_language(seed: int, languages: int) -> None:
    means, vectors = random_case(seed, languages)
    neutral = Neutral(means)
    found = neutral(vectors)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-5)
    between = means - means.mean(axis=0)
    np.testing.assert_allclose(found @ between.T, 0.0, atol=1e-5)
    # However much of one language is put for the other, the result is the same.
    for language in between:
        np.testing.assert_allclose(neutral(vectors + 0.7 * language), found, atol=1e-4)


@given(st.integers(0, 1000))
def test_of_what_languages_share_a_part_is_subtracted(seed: int) -> None:
    means, vectors = random_case(seed, 2)
    common, step = means.mean(axis=0), unit(means[0] - means[1])
    wanted = vectors - STRENGTH * common
    wanted -= np.outer(wanted @ step, step)
    np.testing.assert_allclose(Neutral(means)(vectors), unit(wanted), atol=1e-5)


def test_sentences_are_parallel_plain_and_frozen() -> None:
    found = sentences()
    assert list(found) == ["ko", "en"]
    korean, english = found.values()
    assert len(korean) == len(english) >= 200
    assert len(korean) % PASSAGE_LINES == 0
    assert len(set(korean)) == len(set(english)) == len(korean)
    assert all(HANGUL.search(line) and not LATIN.search(line) for line in korean)
    assert all(LATIN.search(line) and not HANGUL.search(line) for line in english)
    content = resources.files("encoders.text.e5").joinpath(SENTENCES).read_bytes()
    assert hashlib.sha256(content).hexdigest() == SENTENCES_OF_1, (
        "other sentences make other vectors: give NEUTRAL another number"
    )


def test_passages_join_neighbours_and_lose_nothing() -> None:
    lines = [f"line {i}" for i in range(8)]
    assert passages(lines)[0] == "line 0 line 1 line 2"
    assert " ".join(passages(lines)) == " ".join(lines)


def test_the_default_is_neutral_and_the_published_model_is_there(
    e5: TextEncoder, plain_e5: TextEncoder
) -> None:
    assert e5.spec.pooling == NEUTRAL
    assert plain_e5.spec.pooling == PLAIN
    assert e5.spec.identity != plain_e5.spec.identity


@pytest.mark.parametrize("role", ["encode_queries", "encode_passages"])
def test_any_script_gives_a_unit_row_that_is_its_own(e5: TextEncoder, role: str) -> None:
    encode = getattr(e5, role)
    together = encode(list(TEXTS.values()))
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-5)
    alone = np.concatenate([encode([text]) for text in TEXTS.values()])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_array_equal(together, encode(list(TEXTS.values())))
    likeness = together @ together.T - np.eye(len(TEXTS))
    assert likeness.max() < 0.99


def test_both_languages_have_one_mean(e5: TextEncoder, plain_e5: TextEncoder) -> None:
    """Over a part of the sentences, so that it is near zero and not zero."""

    def apart(vectors: list[Vectors]) -> float:
        korean, english = (rows.mean(axis=0) for rows in vectors)
        spread = np.concatenate([rows - rows.mean(axis=0) for rows in vectors])
        return float(np.linalg.norm(korean - english) / np.linalg.norm(spread, axis=1).mean())

    def ratios(encoder: TextEncoder) -> list[float]:
        texts = [lines[::4] for lines in sentences().values()]
        longer = [passages(lines)[::3] for lines in sentences().values()]
        return [
            apart([encoder.encode_queries(lines) for lines in texts]),
            apart([encoder.encode_passages(lines) for lines in longer]),
        ]

    for neutral, plain in zip(ratios(e5), ratios(plain_e5), strict=True):
        assert neutral < 0.3 * plain


def test_a_translation_is_nearer_than_other_texts_of_the_same_language(
    e5: TextEncoder, plain_e5: TextEncoder
) -> None:
    texts = [text for lines in sentences().values() for text in lines[::7]]
    translations = (np.arange(len(texts)) + len(texts) // 2) % len(texts)

    def found(encoder: TextEncoder) -> float:
        """How often the nearest of all other texts, in both languages, is the translation."""
        scores = encoder.encode_queries(texts) @ encoder.encode_passages(texts).T
        np.fill_diagonal(scores, -1.0)
        return float((scores.argmax(axis=1) == translations).mean())

    assert found(e5) > 0.95 > found(plain_e5)


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (EXAMPLES / name).read_text(encoding="utf-8").splitlines()]


def test_every_crossing_query_is_about_parts_of_the_other_language() -> None:
    languages = {row["external_id"]: row["metadata"]["language"] for row in rows("parts.jsonl")}
    queries = rows("crosslingual.jsonl")
    assert len({query["query"] for query in queries}) == len(queries)
    for query in queries:
        script, other = (HANGUL, LATIN) if query["language"] == "ko" else (LATIN, HANGUL)
        assert script.search(query["query"])
        assert not other.search(query["query"])
        assert query["relevant"]
        for part in query["relevant"]:
            assert {languages[part], query["language"]} == {"ko", "en"}


def test_queries_find_parts_described_in_the_other_language(e5: TextEncoder) -> None:
    """The published model lets 0 % and 6 % do so; the parts of both languages compete."""
    parts, queries = rows("parts.jsonl"), rows("crosslingual.jsonl")
    ids = np.array([part["external_id"] for part in parts])
    texts = [f"{part['fields']['title']}\n{part['fields']['description']}" for part in parts]
    vectors = e5.encode_queries([query["query"] for query in queries])
    first = np.argsort(-vectors @ e5.encode_passages(texts).T, axis=1)[:, :10]
    for language in ("ko", "en"):
        found = [
            bool(set(query["relevant"]) & set(ids[row]))
            for query, row in zip(queries, first, strict=True)
            if query["language"] == language
        ]
        assert np.mean(found) > 0.5
