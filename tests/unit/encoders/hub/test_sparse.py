"""Sparse encoders: the library's own encoding is the oracle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from encoders.registry import build, spec
from encoders.sparse import rows
from encoders.sparse.files import word_piece
from tests.later import later

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

library = later("sentence_transformers")

pytestmark = pytest.mark.model

TEXTS = ["진공 펌프에서 기름이 샌다.", "a CAT on the sofà, 漢字 [SEP]", "", "oil " * 60]


@pytest.mark.parametrize("name", ["splade", "inference-free"])
def test_weights_are_the_library_s(name: str, folders: Callable[[str], Path], models: Path) -> None:
    folder = folders(name)
    known = spec(f"file:{folder}", models)
    oracle = library.SparseEncoder(str(folder), device="cpu", local_files_only=True)
    assert (known.kind, known.pooling) == ("sparse", "splade-max")
    encoder: Any = build(known, models, threads=1, device="cpu")
    assert len(encoder.vocabulary) == known.dim == len(oracle.tokenizer)
    plain = [text.replace("[SEP]", "[ SEP]") for text in TEXTS]
    for ours, theirs in (
        (encoder.query_weights, oracle.encode_query),
        (encoder.passage_weights, oracle.encode_document),
    ):
        wanted = theirs(plain, convert_to_sparse_tensor=False).numpy()
        for one, row in zip(ours(TEXTS), wanted, strict=True):
            np.testing.assert_allclose(dense(one, known.dim), row, atol=1e-5)
        (alone,) = ours(TEXTS[1:2])
        np.testing.assert_allclose(dense(alone, known.dim), wanted[1], atol=1e-5)
    free = name == "inference-free"
    assert (encoder.idf is not None, encoder.tokenizer is not None) == (free, free)
    if free:  # what SQL does, in Python
        numbers = {token: at for at, token in enumerate(encoder.vocabulary)}
        tokens = [encoder.tokenizer.tokens(t, numbers)[: encoder.most_tokens] for t in TEXTS]
        for one, asked in zip(tokens, encoder.query_weights(TEXTS), strict=True):
            assert rows.counted(one, encoder.idf).ids.tolist() == asked.ids.tolist()


def dense(tokens: Any, dim: int) -> Any:
    row = np.zeros(dim, np.float32)
    row[tokens.ids] = tokens.weights
    return row


def test_bge_m3_weighs_its_own_tokens(folders: Callable[[str], Path], models: Path) -> None:
    import msgspec

    from encoders.hub import bge_m3, describe, load

    folder = folders("bge-m3")
    plain = spec(f"file:{folder}", models)
    dim = describe.facts(folder, "bge-m3-sparse").dim
    known = msgspec.structs.replace(
        plain, family="bge-m3-sparse", kind="sparse", dim=dim, pooling="max", min_dim=0
    )
    whole: Any = build(plain, models, threads=1, device="cpu")
    sparse: Any = build(known, models, threads=1, device="cpu")
    assert isinstance(sparse, bge_m3.BgeM3SparseEncoder)
    assert known.family in load.TEXT_FAMILIES
    for one, wanted in zip(sparse.passage_weights(TEXTS), whole.represent(TEXTS), strict=True):
        assert one.ids.tolist() == wanted.lexical.tokens.tolist()
        np.testing.assert_allclose(one.weights, wanted.lexical.weights, atol=1e-6)
    assert len(sparse.vocabulary) == dim


def test_other_tokenizers_are_not_followed_in_sql() -> None:
    assert word_piece('{"model": {"type": "Unigram"}}') is None
