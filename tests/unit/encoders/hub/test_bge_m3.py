from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from encoders.errors import WeightsInvalid
from encoders.registry import build, spec
from tests.later import later

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from encoders.hub.bge_m3 import BgeM3Encoder

torch = later("torch")
transformers = later("transformers")

pytestmark = pytest.mark.model

TEXTS = ["진공 펌프 pump 펌프 pump", "a cat on the sofa", "", "oil " * 100, "계약은 <s> 서면으로"]


@pytest.fixture(scope="module")
def encoder(text_encoder: Callable[..., Any]) -> BgeM3Encoder:
    found: BgeM3Encoder = text_encoder("bge-m3")
    return found


class Naive:
    """BGE-M3 written out for one text at a time, without batches or padding."""

    def __init__(self, folder: Path) -> None:
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        self.model = transformers.AutoModel.from_pretrained(folder).eval()
        self.sparse, self.colbert = (
            torch.load(folder / f"{name}_linear.pt", weights_only=True)
            for name in ("sparse", "colbert")
        )

    def __call__(self, text: str) -> tuple[Any, dict[int, float], Any]:
        inputs = self.tokenizer(text, truncation=True, max_length=128, return_tensors="pt")
        with torch.no_grad():
            hidden = self.model(**inputs).last_hidden_state[0]
        dense = hidden[0] / hidden[0].norm()
        lexical: dict[int, float] = {}
        for number, state in zip(inputs.input_ids[0].tolist(), hidden, strict=True):
            weight = float(state @ self.sparse["weight"][0] + self.sparse["bias"][0])
            if number not in self.tokenizer.all_special_ids and weight > 0:
                lexical[number] = max(weight, lexical.get(number, 0.0))
        tokens = hidden[1:] @ self.colbert["weight"].T + self.colbert["bias"]
        return dense.numpy(), lexical, (tokens / tokens.norm(dim=1, keepdim=True)).numpy()


def test_one_pass_gives_what_the_naive_way_gives(
    encoder: BgeM3Encoder, folders: Callable[[str], Path]
) -> None:
    naive = Naive(folders("bge-m3"))
    weighted = 0
    for text, found in zip(TEXTS[:4], encoder.represent(TEXTS[:4]), strict=True):
        dense, lexical, tokens = naive(text)
        np.testing.assert_allclose(found.dense, dense, atol=1e-5)
        assert found.lexical.tokens.tolist() == sorted(lexical)
        expected = [lexical[number] for number in sorted(lexical)]
        np.testing.assert_allclose(found.lexical.weights, expected, atol=1e-5)
        np.testing.assert_allclose(found.tokens, tokens, atol=1e-5)
        weighted += len(lexical)
    assert weighted > 3  # a head that lets nothing through would agree with anything


def test_the_dense_vector_is_that_of_a_passage(encoder: BgeM3Encoder) -> None:
    dense = np.stack([found.dense for found in encoder.represent(TEXTS)])
    np.testing.assert_allclose(dense, encoder.encode_passages(TEXTS), atol=2e-6)


def test_shapes_types_and_control_tokens(encoder: BgeM3Encoder) -> None:
    assert encoder.represent([]) == []
    for found in encoder.represent(TEXTS):
        tokens, weights = found.lexical
        assert (tokens.dtype, weights.dtype) == (np.int64, np.float32)
        assert tokens.shape == weights.shape
        assert (weights > 0).all()
        assert set(tokens.tolist()).isdisjoint(range(5))
        assert found.tokens.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(found.tokens, axis=1), 1.0, atol=1e-5)


@pytest.mark.parametrize("name", ["sparse_linear.pt", "colbert_linear.pt"])
@pytest.mark.parametrize("problem", ["code", "width", "cut"])
def test_a_head_that_is_none_is_refused(
    name: str, problem: str, folders: Callable[[str], Path], models: Path, tmp_path: Path
) -> None:
    place = shutil.copytree(folders("bge-m3"), tmp_path / "model")
    match problem:
        case "code":
            torch.save(Naive, place / name)  # a class: reading it back would import it
        case "width":
            torch.save(torch.nn.Linear(5, 1).state_dict(), place / name)
        case "cut":
            (place / name).write_bytes((place / name).read_bytes()[:200])
    with pytest.raises(WeightsInvalid, match=rf"{name}: it (is not a linear|takes 5)"):
        build(spec(f"file:{place}", models), models, device="cpu")
