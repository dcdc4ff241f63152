"""Any sentence-transformers encoder exported to 8-bit ONNX: as torch has it, each text by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from encoders import registry
from encoders.errors import EncoderUnfit
from tests.later import later

if TYPE_CHECKING:
    from pathlib import Path

later("sentence_transformers")
pytestmark = pytest.mark.model

TEXTS = [
    "진공 펌프에서 기름이 샌다",
    "A cat is sleeping on the sofa",
    "계약",
    "서면으로 해지할 수 있다 " * 9,
]


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_vectors_are_those_of_torch_and_independent_of_the_batch(
    tmp_path: Path, pooling: str
) -> None:
    from encoders.text.portable import export
    from tests.unit.encoders.hub import checkpoints

    body = checkpoints.xlm_roberta(tmp_path / "body")
    source = checkpoints.sentence(tmp_path / "model", body, pooling, query="query: ")
    spec = registry.spec(f"file:{source}", tmp_path)
    export.export(source, spec, tmp_path / "onnx")
    made = registry.spec(f"file:{tmp_path / 'onnx'}", tmp_path)
    assert (made.family, made.pooling, made.query_template) == ("onnx", pooling, "query: {text}")
    ours = registry.build(made, tmp_path, threads=1)
    whole = registry.build(spec, tmp_path, threads=1, device="cpu")
    found = export.parity(ours, whole, TEXTS)
    assert found.good, found
    np.testing.assert_allclose(
        ours.encode_passages(TEXTS)[0], ours.encode_passages(TEXTS[:1])[0], atol=1e-5
    )
    np.testing.assert_allclose(np.linalg.norm(ours.encode_queries(TEXTS), axis=1), 1, atol=1e-5)
    text = TEXTS[3] * 20
    assert [w.text for w in ours.windows(text)] == [w.text for w in whole.windows(text)]


def test_what_cannot_be_exported_is_refused(tmp_path: Path) -> None:
    from encoders.text.portable import export
    from tests.unit.encoders.hub import checkpoints

    body = checkpoints.qwen3(tmp_path / "body")
    source = checkpoints.sentence(tmp_path / "model", body, "lasttoken")
    with pytest.raises(EncoderUnfit, match="pools by last"):
        export.export(source, registry.spec(f"file:{source}", tmp_path), tmp_path / "onnx")
    assert not (tmp_path / "onnx").exists()
