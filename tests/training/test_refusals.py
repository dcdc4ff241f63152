"""Refusals of a run come before any model library is loaded, say what to type, and leave no folder."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from encoders.training import pairs as files
from encoders.training.pairs import TrainingPair
from tests.later import later

if TYPE_CHECKING:
    from pathlib import Path

later("datasets")
pytestmark = pytest.mark.model

# A setting, and words of the hint or the refusal.
REFUSED = {
    "loss=margin_mse": "seogo pairs score",
    "loss=infonce": "loss is one of mnrl, gist, triplet, margin_mse",
    "negatives=3": "--set negatives=1",
    "frozen_layers=12": "--set frozen_layers=11",
    "precision=float16": "--set precision=auto",
    "hardness=5 loss=gist": "--set loss=mnrl",
    "adapter=dora": "--set lora_rank=16",
    "adapter=qlora lora_rank=8": "--set adapter=lora",
    "base=/nowhere": "/nowhere",
    "kind=multi loss=triplet": "--set loss=mnrl",
    "kind=multi matryoshka=[64]": "leave it out of kind multi",
    "kind=sparse vocabulary=/nowhere": "--set vocabulary=pairs",
    "kind=sparse hardness=2": "--set hardness=0",
    'trackers=["wandb"]': "pip install wandb",
}
# All in one process: starting it is what takes long.
PROGRAM = """
import sys
from pathlib import Path
from encoders.settings import EncoderSettings
from jobs.cli.models import texts
pairs, out = Path(sys.argv[1]), Path(sys.argv[2])
for given in sys.argv[3:]:
    try:
        texts.train(EncoderSettings(), pairs, None, 0.2, None, given.split(), out, test=False)
    except Exception as exc:
        print(" ".join(f"{exc} {getattr(exc, 'hint', '')}".split()))
print({"torch", "transformers", "sentence_transformers"} & set(sys.modules), out.exists())
"""


def test_every_refusal_comes_first_and_says_what_to_type(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    files.write(
        path,
        [
            TrainingPair(query=f"q{n}", positive=f"p{n}", negatives=[f"n{n}"], group=f"g{n}")
            for n in range(20)
        ],
    )
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, path, tmp_path / "run", *REFUSED],
        capture_output=True,
        text=True,
        check=True,
    )
    *said, last = done.stdout.splitlines()
    assert len(said) == len(REFUSED), done.stdout
    for line, words in zip(said, REFUSED.values(), strict=True):
        assert words in line
    assert last == "set() False"
