"""The offline encoder runs a network that was trained further, bit for bit the one it was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from encoders import registry
from encoders.errors import WeightsInvalid
from encoders.text.e5 import checkpoint
from encoders.text.e5 import encoder as e5
from encoders.text.e5 import weights as e5_weights
from encoders.training import export

if TYPE_CHECKING:
    from pathlib import Path

    from encoders.base import TextEncoder

SCALE = "encoder.layer.11.output.LayerNorm.weight"
TEXTS = ["민법 제750조", "a pump that leaks"]


def test_an_unchanged_network_gives_the_same_vectors(tmp_path: Path, plain_e5: TextEncoder) -> None:
    weights = e5_weights.read()
    state = dict(checkpoint.state_dict(weights))
    spec = registry.spec(
        f"file:{export.write_onnx(state, _made(tmp_path / 'same'), 'float32')}", tmp_path
    )
    encoder = registry.build(spec, tmp_path, threads=1)
    assert (spec.family, spec.dim) == (e5.DEFAULT.family, 384)
    np.testing.assert_allclose(
        encoder.encode_queries(TEXTS), plain_e5.encode_queries(TEXTS), atol=1e-6
    )
    assert len(encoder.windows("가나 다라 " * 400)) > 1
    state[SCALE] = state[SCALE] * np.linspace(0, 2, len(state[SCALE]), dtype=np.float32)
    folder = export.write_onnx(state, _made(tmp_path / "changed"), "float32")
    changed = registry.spec(f"file:{folder}", tmp_path)
    moved = registry.build(changed, tmp_path, threads=1).encode_queries(TEXTS)
    assert changed.identity != spec.identity
    assert ((moved * encoder.encode_queries(TEXTS)).sum(axis=1) < 0.999).all()
    (folder / e5.SPEC_FILE).write_text('{"family": "bert"}')
    (folder / "manifest.json").unlink()
    with pytest.raises(WeightsInvalid, match="seogo train"):
        registry.spec(f"file:{folder}", tmp_path)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
