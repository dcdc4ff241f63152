"""Multi-vector models: the library's own encoding and pooling are the oracle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from encoders.errors import EncoderUnfit
from encoders.registry import build, spec
from tests.later import later

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

torch = later("torch")
library = later("sentence_transformers")
pooling = later("sentence_transformers.multi_vector_encoder.modules")

pytestmark = pytest.mark.model

TEXTS = ["진공 펌프에서 기름이 샌다.", "a cat on the sofa", "", "oil " * 60]


@pytest.mark.parametrize(
    ("name", "marks"), [("multi-vector", "[Q] {text}"), ("pylate", "[Q] {text}")]
)
def test_token_vectors_are_the_library_s(
    name: str, marks: str, folders: Callable[[str], Path], models: Path
) -> None:
    folder = folders(name)
    known = spec(f"file:{folder}", models)
    assert (known.kind, known.dim, known.query_template) == ("multi", 128, marks)
    encoder: Any = build(known, models, threads=1, device="cpu")
    oracle = library.MultiVectorEncoder(str(folder), device="cpu", local_files_only=True)
    for ours, theirs in (
        (encoder.query_tokens, oracle.encode_query),
        (encoder.passage_tokens, oracle.encode_document),
    ):
        found = ours(TEXTS)
        for one, wanted in zip(found, theirs(TEXTS, convert_to_numpy=True), strict=True):
            np.testing.assert_allclose(one.vectors, wanted, atol=1e-5)
            assert len(one.spans) == len(one.vectors)
        np.testing.assert_allclose(ours(TEXTS[1:2])[0].vectors, found[1].vectors, atol=1e-5)
    words = {TEXTS[1][a:b] for places in encoder.passage_tokens(TEXTS)[1].spans for a, b in places}
    assert words == {"a", "cat", "on", "the", "sofa"}
    assert encoder.encode_queries(TEXTS[:1])[0].size % 128 == 0
    assert np.allclose(np.linalg.norm(encoder.encode_passages(TEXTS), axis=1), 1)


def test_pooling_is_the_library_s(folders: Callable[[str], Path], models: Path) -> None:
    folder = folders("multi-vector")
    plain, pooled = (
        build(spec(f"file:{folder}{option}", models), models, threads=1, device="cpu")
        for option in ("", "+pool3")
    )
    assert plain.spec.identity != pooled.spec.identity
    whole = plain.passage_tokens(TEXTS)  # type: ignore[attr-defined]
    wanted = pooling.HierarchicalTokenPooling(3).pool([torch.tensor(w.vectors) for w in whole])
    for one, row in zip(pooled.passage_tokens(TEXTS), wanted, strict=True):  # type: ignore[attr-defined]
        nearest = one.vectors @ row.numpy().T
        assert one.vectors.shape == tuple(row.shape)
        assert nearest.max(axis=1) == pytest.approx(1, abs=1e-5)


def test_one_vector_has_no_tokens_to_pool() -> None:
    with pytest.raises(EncoderUnfit, match="no tokens to pool"):
        spec("multilingual-e5-small+pool2")
