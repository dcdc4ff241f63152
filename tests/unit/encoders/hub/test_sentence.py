"""Sentence-transformers models: the library's own `encode` is the oracle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest

from encoders.errors import WeightsInvalid
from encoders.registry import build, spec
from tests.later import later

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from encoders.base import TextEncoder

torch = later("torch")
library = later("sentence_transformers")
modules = later("sentence_transformers.sentence_transformer.modules")

pytestmark = pytest.mark.model

TEXTS = ["진공 펌프", "a cat on the sofa", "", "oil " * 60, "계약은 서면으로"]


def oracle(folder: Path) -> Any:
    return library.SentenceTransformer(str(folder), device="cpu", local_files_only=True)


@pytest.mark.parametrize("name", ["kure", "mean", "qwen3-embedding"])
def test_vectors_are_the_library_s(
    name: str, folders: Callable[[str], Path], text_encoder: Callable[..., TextEncoder]
) -> None:
    model, encoder = oracle(folders(name)), text_encoder(name)
    np.testing.assert_allclose(encoder.encode_queries(TEXTS), model.encode_query(TEXTS), atol=1e-5)
    np.testing.assert_allclose(
        encoder.encode_passages(TEXTS), model.encode_document(TEXTS), atol=1e-5
    )


@pytest.mark.parametrize("name", ["mean", "qwen3-embedding"])
def test_a_prompt_tells_a_query_from_a_passage(
    name: str, text_encoder: Callable[..., TextEncoder]
) -> None:
    encoder = text_encoder(name)
    queries, passages = encoder.encode_queries(TEXTS), encoder.encode_passages(TEXTS)
    assert (np.sum(queries * passages, axis=1) < 0.9999).all()
    bare = text_encoder(name, query_template="{text}", passage_template="{text}")
    np.testing.assert_array_equal(bare.encode_queries(TEXTS), bare.encode_passages(TEXTS))


@pytest.mark.parametrize("name", ["bge-m3", "kure", "qwen3-embedding", "qwen3-vl"])
def test_a_shorter_vector_is_the_beginning_of_the_whole_one(
    name: str, text_encoder: Callable[..., TextEncoder]
) -> None:
    whole = text_encoder(name).encode_passages(TEXTS)[:, :8]
    cut = text_encoder(name, dim=8).encode_passages(TEXTS)
    assert cut.shape == (len(TEXTS), 8)
    np.testing.assert_allclose(cut, whole / np.linalg.norm(whole, axis=1, keepdims=True), atol=1e-6)


def test_layers_behind_the_pooling_count(
    folders: Callable[[str], Path], models: Path, tmp_path: Path
) -> None:
    body = modules.Transformer(str(folders("bge-m3")))
    pooling = modules.Pooling(32, pooling_mode=["cls", "mean"])
    torch.manual_seed(3)
    dense = modules.Dense(64, 12, activation_function=torch.nn.Tanh())
    model = library.SentenceTransformer(modules=[body, pooling, dense], device="cpu")
    model.save(str(tmp_path / "dense"))
    known = spec(f"file:{tmp_path / 'dense'}", models)
    assert (known.dim, known.pooling) == (12, "cls+mean")
    vectors = build(known, models, threads=1, device="cpu").encode_passages(TEXTS)
    np.testing.assert_allclose(
        vectors, oracle(tmp_path / "dense").encode(TEXTS, normalize_embeddings=True), atol=1e-5
    )


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"pooling": "mean"}, "pools by cls, not by mean"),
        ({"dim": 64}, "have 32 dimensions.*the encoder has 64"),
        ({"max_tokens": 129}, "reads 128 tokens.*129"),
    ],
)
def test_a_spec_that_is_not_the_folder_s_model_is_refused(
    changes: dict[str, Any], problem: str, folders: Callable[[str], Path], models: Path
) -> None:
    known = msgspec.structs.replace(spec(f"file:{folders('kure')}", models), **changes)
    with pytest.raises(WeightsInvalid, match=problem):
        build(known, models, device="cpu")


def test_a_vector_that_must_not_be_cut_is_not(folders: Callable[[str], Path], models: Path) -> None:
    known = spec(f"file:{folders('kure')}", models)
    with pytest.raises(ValueError, match="32 dimensions cannot be cut to 8"):
        build(msgspec.structs.replace(known, dim=8, min_dim=0), models, device="cpu")


def test_where_memory_runs_out_smaller_batches_go_on(
    text_encoder: Callable[..., TextEncoder], monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = text_encoder("kure")
    texts = [f"pump {number}" for number in range(20)]
    expected = encoder.encode_passages(texts)
    sizes, room = [], 6

    run = encoder._run  # type: ignore[attr-defined]

    def scarce(ids: list[list[int]]) -> Any:
        sizes.append(len(ids))
        if len(ids) > room:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        return run(ids)

    monkeypatch.setattr(encoder, "_run", scarce)
    np.testing.assert_allclose(encoder.encode_passages(texts), expected, atol=2e-6)
    assert sizes == [20, 10, 5, 5, 5, 5]
    room = 0
    with pytest.raises(torch.cuda.OutOfMemoryError):
        encoder.encode_passages(texts)
    assert sizes[-1] == 1
