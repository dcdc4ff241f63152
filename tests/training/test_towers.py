"""Low-rank training of CLIP and SigLIP towers: what comes out is a plain model that encodes as trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from encoders import registry
from encoders.errors import EncoderUnfit
from encoders.pictures.decoding import decode
from encoders.settings import EncoderSettings
from encoders.training.pairs import PicturePair
from encoders.training.towersettings import TowerSettings
from jobs.training import sight, towers
from tests.jobs.drawn import encoded, plain
from tests.later import later

if TYPE_CHECKING:
    from pathlib import Path

later("peft")

pytestmark = [
    pytest.mark.model,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]

TEXTS = ("펌프에서 기름이 샌다", "고양이가 소파 위에서", "계약은 서면으로", "leaking oil")


@pytest.mark.parametrize("kind", ["siglip", "clip"])
def test_towers_learn_and_are_exported_whole(kind: str, tmp_path: Path) -> None:
    from tests.unit.encoders.hub import checkpoints

    base = getattr(checkpoints, kind)(tmp_path / "base")
    shown = {f"{n}.png": encoded(plain(n % 4)) for n in range(30)}
    shown |= {f"{n}.png": encoded(plain(n)) for n in range(4, 30)}  # no two alike
    pairs = [PicturePair(text=TEXTS[n % 4], picture=name) for n, name in enumerate(shown)]
    given = sight.PicturePairs(pairs, shown.__getitem__)
    chosen = TowerSettings(base=f"file:{base}", batch=8, epochs=2, learning_rate=1e-2, valid=0)
    result = towers.train(
        chosen,
        given,
        None,
        fraction=0.2,
        encoders=EncoderSettings(models=str(tmp_path), threads=1),
        out=tmp_path / "run",
    )
    assert result.passes == 2  # nothing was held out to choose by: the last pass is kept
    assert result.weights > 0
    assert result.after is not None
    assert result.after.texts <= len(TEXTS)
    names = {path.name for path in (tmp_path / "run" / "model").iterdir()}
    assert {
        "model.safetensors",
        "config.json",
        "manifest.json",
        "preprocessor_config.json",
    } <= names
    before, after = (
        registry.build_multimodal(registry.spec(name, tmp_path), tmp_path, 1, device="cpu")
        for name in (f"file:{base}", f"file:{result.folder}")
    )
    moved = before.encode_queries(TEXTS) @ after.encode_queries(TEXTS).T
    assert np.diag(moved).max() < 0.999
    pictures = [decode(data) for data in list(shown.values())[:2]]
    assert after.encode_images(pictures).shape == (2, before.spec.dim)
    with pytest.raises(EncoderUnfit, match="has no towers to train"):
        towers.train(
            TowerSettings(base="multilingual-e5-small"), given, None, fraction=0.2,
            encoders=EncoderSettings(models=str(tmp_path)), out=tmp_path / "other",
        )  # fmt: skip
