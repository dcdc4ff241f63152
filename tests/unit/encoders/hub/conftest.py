from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from encoders.registry import build, build_multimodal, spec

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from encoders.base import MultimodalEncoder, Picture, TextEncoder

SMALL_PICTURES = "min_pixels=1024 max_pixels=16384"
QUERY = "Instruct: find what answers\nQuery:"


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty model cache."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Make a tiny checkpoint by name, once."""
    pytest.importorskip("torch", reason="the extra `models` is not installed")
    from tests.unit.encoders.hub import checkpoints  # its imports take seconds

    root = tmp_path_factory.mktemp("checkpoints")

    made = {
        "bert-mlm": checkpoints.bert_mlm,
        "bge-m3": checkpoints.bge_m3,
        "clip": checkpoints.clip,
        "cross-encoder": partial(checkpoints.xlm_roberta, labels=1),
        "qwen3": checkpoints.qwen3,
        "qwen3-vl": checkpoints.qwen3_vl,
        "siglip": checkpoints.siglip,
    }
    sentence = {
        "kure": ("bge-m3", "cls", {}),
        "mean": ("bge-m3", "mean", {"document": "passage: "}),
        "qwen3-embedding": ("qwen3", "lasttoken", {"query": QUERY, "document": ""}),
    }

    def folder(name: str) -> Path:
        place = root / name
        if place.exists():
            return place
        if name in made:
            return made[name](place)
        if name == "multi-vector":
            return checkpoints.multi_vector(place, folder("bge-m3"), query="[Q] ", document="[D] ")
        if name == "splade":
            return checkpoints.splade(place, folder("bert-mlm"))
        if name == "inference-free":
            return checkpoints.inference_free(place, folder("bert-mlm"))
        if name == "pylate":
            return checkpoints.pylate(place, folder("bge-m3"))
        body, pooling, prompts = sentence[name]
        return checkpoints.sentence(place, folder(body), pooling, **prompts)

    return folder


@pytest.fixture(scope="session")
def text_encoder(folders: Callable[[str], Path], models: Path) -> Callable[..., TextEncoder]:
    """Load the encoder of a tiny checkpoint, with changes to its spec."""

    def loaded(name: str, **changes: object) -> TextEncoder:
        known = spec(f"file:{folders(name)}", models)
        return build(msgspec.structs.replace(known, **changes), models, threads=1, device="cpu")

    return loaded


@pytest.fixture(scope="session")
def multimodal_encoder(
    folders: Callable[[str], Path], models: Path
) -> Callable[..., MultimodalEncoder]:
    def loaded(name: str, **changes: object) -> MultimodalEncoder:
        known = spec(f"file:{folders(name)}", models)
        if name == "qwen3-vl":
            changes = {"preparation": SMALL_PICTURES, **changes}
        changed = msgspec.structs.replace(known, **changes)
        return build_multimodal(changed, models, threads=1, device="cpu")

    return loaded


@pytest.fixture(scope="session")
def qwen_vl(multimodal_encoder: Callable[..., MultimodalEncoder]) -> MultimodalEncoder:
    return multimodal_encoder("qwen3-vl")


@pytest.fixture(scope="session")
def pictures() -> list[Picture]:
    """Pictures of several shapes, noise and plain."""
    rng = np.random.default_rng(0)
    shapes = [(48, 80), (200, 90), (33, 33), (1, 5)]
    noise = [rng.integers(0, 256, (*shape, 3), dtype=np.uint8) for shape in shapes]
    return [*noise, np.full((64, 64, 3), 200, dtype=np.uint8)]
