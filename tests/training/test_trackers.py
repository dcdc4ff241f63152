"""Trackers: a run is told to MLflow's local files, and refused where the tracker is absent."""

from __future__ import annotations

from importlib import import_module, util
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from encoders.training import checks, trainer
from encoders.training.checks import RunRefused
from encoders.training.pairs import TrainingPair
from encoders.training.settings import TrainSettings
from tests.later import later

if TYPE_CHECKING:
    from pathlib import Path

later("datasets")
pytestmark = [
    pytest.mark.model,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]

SETTINGS: dict[str, Any] = {
    "batch": 4, "max_tokens": 16, "max_steps": 3, "negatives": 0, "threads": 1, "freeze_words": False,
    "profile": 0,
}  # fmt: skip


def find_anything(name: str) -> object:
    return name


def test_an_absent_tracker_is_refused_with_what_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = util.find_spec
    monkeypatch.setattr(checks, "find_spec", lambda name: None if name == "wandb" else find(name))
    chosen = msgspec.convert({**SETTINGS, "trackers": ["wandb"]}, TrainSettings)
    with pytest.raises(RunRefused, match="wandb is not installed") as caught:
        checks.check(chosen, tmp_path)
    assert caught.value.hint.startswith("pip install wandb")
    monkeypatch.setattr(checks, "find_spec", find_anything)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "file:/tmp/mlruns")
    monkeypatch.delenv("MLFLOW_ALLOW_FILE_STORE", raising=False)
    chosen = msgspec.convert({**SETTINGS, "trackers": ["mlflow"]}, TrainSettings)
    with pytest.raises(RunRefused) as caught:
        checks.check(chosen, tmp_path)
    assert "MLFLOW_ALLOW_FILE_STORE=true" in caught.value.hint


@pytest.mark.skipif(
    util.find_spec("mlflow") is None,
    reason="mlflow is not installed: pip install mlflow-skinny runs this test",
)
@pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince20")
def test_mlflow_keeps_a_run_in_local_files(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "mlruns"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store.as_uri())
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "seogo")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    chosen = msgspec.convert({**SETTINGS, "base": str(tiny), "trackers": ["mlflow"]}, TrainSettings)
    pairs = [TrainingPair(query=f"펌프 {n}", positive=f"기름 {n}") for n in range(8)]
    trainer.fit(chosen, pairs, [], models_path=tmp_path, out=tmp_path / "run")
    mlflow = import_module("mlflow")
    try:
        (run,) = mlflow.search_runs(experiment_names=["seogo"], output_format="list")
    finally:
        mlflow.end_run()
    assert run.data.params["per_device_train_batch_size"] == "4"
    assert run.data.metrics["loss"] > 0
