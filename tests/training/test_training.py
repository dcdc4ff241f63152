"""Training on a tiny checkpoint: it learns, goes on where it was killed, and what it leaves can be served."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest

from encoders import registry
from encoders.training import export, log, runfolder, trainer
from encoders.training.pairs import PairsInvalid, TrainingPair
from encoders.training.runfolder import RunDiffers
from encoders.training.settings import TrainSettings
from jobs.training import curve, keys, run
from tests.later import later

if TYPE_CHECKING:
    from pathlib import Path

later("datasets")

pytestmark = [
    pytest.mark.model,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]

# In the vocabulary of the tiny checkpoint.
LETTERS = "진공펌프에서기름샌고양소파위"
BASE = {
    "batch": 8, "max_tokens": 24, "max_steps": 24, "learning_rate": 3e-3, "negatives": 0, "threads": 1,
    "evaluate_every": 8, "save_every": 8, "seed": 3, "freeze_words": False,
}  # fmt: skip


def pairs(n: int = 40) -> list[TrainingPair]:
    """Questions whose answer is made of the same two syllables."""
    found = []
    for at in range(n):
        a, b = LETTERS[at % len(LETTERS)], LETTERS[(at * 5 + 3) % len(LETTERS)]
        found.append(
            TrainingPair(
                query=f"{a} {b} 질문",
                positive=f"{b} {a} {a} 답",
                negatives=[f"{a} 오답"],
                scores=[2.0, 1.0 - at % 2],
                teacher="drawn",
                group=str(at),
            )
        )
    return found


def settings(tiny: Path, **changes: Any) -> TrainSettings:
    return msgspec.convert({**BASE, "base": str(tiny), **changes}, TrainSettings)


def fit(tiny: Path, out: Path, **changes: Any) -> trainer.Trained:
    given = pairs()
    return trainer.fit(settings(tiny, **changes), given[:32], given[32:], models_path=out, out=out)


def test_the_loss_begins_near_chance_and_falls(tiny: Path, tmp_path: Path) -> None:
    trained = fit(tiny, tmp_path, temperature=1.0)
    losses = [e.loss for e in log.read(tmp_path / log.LOG) if e.loss is not None]
    assert len(losses) == 24
    assert losses[0] == pytest.approx(math.log(BASE["batch"]), rel=0.25)
    sharp = fit(tiny, tmp_path / "sharp")
    fell = [e.loss for e in log.read(tmp_path / "sharp" / log.LOG) if e.loss is not None]
    assert np.mean(fell[-8:]) < 0.8 * np.mean(fell[:3])
    assert trained.steps == sharp.steps == 24
    page = curve.render(tmp_path / "sharp")
    assert page == curve.render(tmp_path / "sharp")
    assert page.count("stroke: var(--brand); stroke-width: 2") == 1


def test_a_killed_run_goes_on_and_ends_the_same(tiny: Path, tmp_path: Path) -> None:
    whole = fit(tiny, tmp_path / "whole")

    class Killed(Exception):
        pass

    def kill(entry: log.LogEntry) -> None:
        if entry.step == 13:
            raise Killed

    given = pairs()
    chosen = settings(tiny)
    about = {"models_path": tmp_path, "out": tmp_path / "killed"}
    with pytest.raises(Killed):
        trainer.fit(chosen, given[:32], given[32:], on_entry=kill, **about)
    resumed = trainer.fit(chosen, given[:32], given[32:], **about)
    assert resumed.steps == whole.steps
    assert resumed.held_out_loss == pytest.approx(whole.held_out_loss, rel=0.02)
    steps = [e.step for e in log.read(tmp_path / "killed" / log.LOG) if e.loss is not None]
    assert steps == list(range(1, 25))
    with pytest.raises(RunDiffers):
        trainer.fit(settings(tiny, seed=4), given, [], **about)


@pytest.mark.parametrize(
    "changes",
    [
        {"lora_rank": 2, "freeze_words": True, "negatives": 1, "hardness": 5.0},
        {"lora_rank": 2, "adapter": "dora", "loss": "gist", "filter_margin": 0.05, "mini_batch": 4},
        {"lora_rank": 2, "adapter": "adalora", "max_steps": 6, "loss": "triplet", "negatives": 1},
        {"adapter": "ia3", "loss": "margin_mse", "negatives": 1, "learning_rate": 0.05},
        {"mini_batch": 4, "matryoshka": [16], "frozen_layers": 1, "freeze_words": True},
    ],
)
def test_every_way_of_training_gives_a_plain_model(
    tiny: Path, tmp_path: Path, changes: dict[str, Any]
) -> None:
    changes = {"max_steps": 3, "evaluate_every": 0, "save_every": 0, **changes}
    trained = fit(tiny, tmp_path, **changes)
    exported = export.export(
        trained, settings(tiny, **changes), tmp_path, {"pairs": "32"}, ["가 나 질문", "가 답"]
    )
    assert exported.note.startswith("ONNX: 2 texts")
    folder = tmp_path / export.MODEL
    assert "query: " in (folder / export.CARD).read_text()
    spec = registry.spec(f"file:{folder}", tmp_path)
    assert spec.query_template == "query: {text}"
    served = registry.build(spec, tmp_path, threads=1, device="cpu").encode_queries(["가 나 질문"])
    before = registry.spec(f"file:{tiny}", tmp_path)
    untrained = registry.build(before, tmp_path, threads=1, device="cpu").encode_queries(
        ["가 나 질문"]
    )
    direct = trained.model.encode(["query: 가 나 질문"], normalize_embeddings=True)
    np.testing.assert_allclose(served, direct, atol=1e-5)
    assert not np.allclose(served, untrained, atol=1e-4)
    assert not [p for p in folder.rglob("*") if p.suffix in (".bin", ".pt", ".pkl")]


def test_settings_come_from_a_file_and_overrides(tmp_path: Path) -> None:
    file = tmp_path / "train.toml"
    file.write_text('batch = 64\nloss = "gist"\n')
    chosen = keys.settings(file, ["batch=16", "matryoshka=[128, 64]", "base=/models/x"])
    assert (chosen.batch, chosen.loss, chosen.matryoshka, chosen.base) == (
        16,
        "gist",
        (128, 64),
        "/models/x",
    )
    assert keys.settings(None, [], test=True).max_steps == 4
    for wrong in (
        ["batch"],
        ["batch=x"],
        ["unknown=1"],
        ["batch=1"],
        ["loss=triplet", "negatives=0"],
    ):
        with pytest.raises(keys.BadTrainSettings):
            keys.settings(None, wrong)
    with pytest.raises(run.Leaked, match="documents"):
        run.check(
            [TrainingPair(query="a", positive="p", group="g")],
            [TrainingPair(query="b", positive="p", group="g")],
        )
    with pytest.raises(run.Leaked, match="question"):
        run.check(
            [TrainingPair(query="a b", positive="p")], [TrainingPair(query="A  b", positive="p")]
        )


def test_a_run_that_saved_nothing_does_not_block_its_folder(tiny: Path, tmp_path: Path) -> None:
    about: dict[str, Any] = {"models_path": tmp_path, "out": tmp_path / "run"}
    plain = [msgspec.structs.replace(pair, negatives=[], scores=[]) for pair in pairs()[:8]]
    with pytest.raises(PairsInvalid):
        trainer.fit(settings(tiny, negatives=1), plain, [], **about)
    assert not (tmp_path / "run").exists()

    class Broken(Exception):
        pass

    def fail(_entry: log.LogEntry) -> None:
        raise Broken

    with pytest.raises(Broken):
        trainer.fit(settings(tiny, negatives=0), plain, [], on_entry=fail, **about)
    assert (tmp_path / "run" / runfolder.SETTINGS).exists()
    other = settings(tiny, negatives=0, seed=4, max_steps=2)
    made = trainer.fit(other, plain, [], **about)
    assert made.steps == 2
    assert log.read(tmp_path / "run" / log.LOG)[0].step == 1
    with pytest.raises(RunDiffers):
        trainer.fit(settings(tiny, negatives=0, seed=5), plain, [], **about)
