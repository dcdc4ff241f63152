"""`seogo models`: what is listed, pulled, checked and explained."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from encoders import inventory, registry
from encoders.errors import EncoderNotPulled
from encoders.hub import models as hub_models
from encoders.rerank import rerankers
from encoders.runtime import device
from jobs.cli import app
from jobs.errors import JobError
from tests.unit.encoders.hub_server import COMMIT, Hub

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Run = Callable[..., str]

SEOGO = Path(sys.executable).with_name("seogo")
HUB_SPECS = [spec for spec in registry.SPECS.values() if spec.source]
KNOWN = HUB_SPECS[0]
WEIGHTS = os.urandom(5000)
FILES = {"config.json": b"{}", "model.safetensors": WEIGHTS, "pytorch_model.bin": b"p" * 2000}


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty model cache that the command line uses."""
    folder = tmp_path / "models"
    monkeypatch.setenv("SEOGO_MODELS", str(folder))
    monkeypatch.setenv("COLUMNS", "200")
    return folder


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub(dict(FILES), KNOWN.source) as server:
        yield server


@pytest.fixture
def seogo(models: Path) -> Run:
    """Run `seogo models` in this process; its output, errors that users would see raised."""

    def run(*args: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, ["models", *args])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == code, done.output
        return " ".join(done.output.split())

    return run


@pytest.fixture
def adopted(models: Path, tmp_path: Path) -> Path:
    """The cache with one known model in it."""
    origin = tmp_path / "origin"
    origin.mkdir()
    for name, body in FILES.items():
        (origin / name).write_bytes(body)
    return hub_models.adopt(KNOWN.source, origin, models)


def process(models: Path, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run `seogo models` as a user does: the hub's address is read when a process starts."""
    return subprocess.run(
        [SEOGO, "models", *args],
        env=os.environ | {"SEOGO_MODELS": str(models), "COLUMNS": "200"} | env,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_a_model_is_pulled_from_the_hub_by_its_name(
    models: Path, hub: Hub, seogo: Run, tmp_path: Path
) -> None:
    done = process(models, "pull", KNOWN.name, HF_ENDPOINT=hub.url, HF_HUB_OFFLINE="0")
    assert done.returncode == 0, done.stderr
    folder = hub_models.folder(KNOWN.source, models)
    assert done.stdout.split() == [KNOWN.source, "at", COMMIT, str(folder)]
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert hub.downloads() == ["config.json", "model.safetensors"]
    assert f"{KNOWN.source} @{COMMIT[:12]}" in seogo("list")
    assert seogo("path", KNOWN.name) == str(folder)
    assert seogo("verify") == f"{KNOWN.source}: whole, at {COMMIT}"

    other = tmp_path / "other"
    folder.rename(tmp_path / "stick")
    stick = str(tmp_path / "stick")
    done = process(other, "pull", KNOWN.name, "--from", stick, HF_HUB_OFFLINE="1")
    assert done.returncode == 0, done.stderr
    assert hub_models.revision(KNOWN.source, other) == COMMIT


def test_offline_a_pull_says_what_to_do(models: Path, hub: Hub) -> None:
    done = process(models, "pull", KNOWN.name, HF_ENDPOINT=hub.url, HF_HUB_OFFLINE="1")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "OfflineModeIsEnabled" in done.stderr
    assert "hint:  unset HF_HUB_OFFLINE, or take the model from a folder" in done.stderr
    assert hub.asked == []


def test_every_encoder_is_listed_with_its_state(seogo: Run) -> None:
    shown = seogo("list")
    for spec in registry.SPECS.values():
        assert f"{spec.name} {spec.modality} {spec.dim} " in shown
    assert f"dummy text {registry.SPECS['dummy'].dim} ready" in shown
    for spec in HUB_SPECS:
        assert f"{spec.dim} to pull: {spec.source}" in shown


@pytest.mark.model
def test_rerankers_are_listed_and_their_names_understood(seogo: Run) -> None:
    for name in rerankers.SPECS:
        assert f"{name} " in seogo("list")
    assert "bge-reranker-v2-m3: to pull: BAAI/bge-reranker-v2-m3" in seogo("doctor")
    with pytest.raises(EncoderNotPulled, match="BAAI/bge-reranker-v2-m3"):
        seogo("path", "bge-reranker-v2-m3")


@pytest.mark.model
def test_what_reads_and_captions_pictures_is_listed(seogo: Run) -> None:
    shown = seogo("list")
    assert "tesseract picture, OCR ready: reads hangul, latin" in shown
    assert "paddle-korean picture, OCR to pull: PaddlePaddle/korean_PP-OCRv5_mobile" in shown
    assert "openai picture, caption to set up: SEOGO_CAPTION_URL" in shown
    assert "efficientnet-lite0:mid picture, defects" in shown
    with pytest.raises(EncoderNotPulled, match="PaddlePaddle/korean_PP-OCRv5_mobile_rec_onnx"):
        seogo("path", "paddle-korean")


def test_models_of_no_known_encoder_are_listed(models: Path, adopted: Path, seogo: Run) -> None:
    hub_models.adopt("org/own", adopted.parent.parent.parent / "origin", models, "v1")
    shown = seogo("list")
    assert "hf:org/own 5.0 kB ready: org/own @v1" in shown
    assert f"{KNOWN.name} {KNOWN.modality} {KNOWN.dim} 5.0 kB ready: {KNOWN.source} @sha" in shown


def test_a_folder_is_taken_and_named(tmp_path: Path, models: Path, seogo: Run) -> None:
    origin = tmp_path / "usb"
    origin.mkdir()
    (origin / "model.safetensors").write_bytes(WEIGHTS)
    said = seogo("pull", "hf:org/own", "--from", str(origin), "--revision", "v7")
    assert said == f"org/own at v7 {models / 'hub' / 'org--own'}"
    assert seogo("path", "org/own") == str(models / "hub" / "org--own")


def test_damage_is_named_and_the_exit_status_says_so(adopted: Path, seogo: Run) -> None:
    (adopted / "model.safetensors").write_bytes(b"short")
    (adopted / "extra.py").write_text("import os")
    (adopted / "config.json").unlink()
    for args in (["verify"], ["verify", KNOWN.name], ["verify", KNOWN.source]):
        said = seogo(*args, code=1)
        assert f"{KNOWN.source}: config.json is missing" in said
        assert "model.safetensors has 5 bytes instead of 5000" in said
        assert "extra.py is not part of the model" in said
        assert f"pull it again: seogo models pull {KNOWN.source}" in said
    with pytest.raises(hub_models.ModelDamaged):
        seogo("path", KNOWN.name)


def test_nothing_pulled_is_nothing_to_verify(seogo: Run) -> None:
    assert seogo("verify").startswith("no model is pulled")
    for command in ("verify", "path"):
        with pytest.raises(EncoderNotPulled, match=f"seogo models pull {KNOWN.source}"):
            seogo(command, KNOWN.name)


@pytest.mark.model
def test_what_comes_in_a_wheel_is_made_ready(seogo: Run) -> None:
    assert seogo("pull", "dummy") == "dummy is ready; it comes in a wheel"
    assert "efficientnet-lite0 image 1280 to build" in seogo("list")
    said = seogo("pull", "efficientnet-lite0")
    assert said.endswith("efficientnet-lite0 is ready; it comes in a wheel")
    assert "efficientnet-lite0 image 1280 13.4 MB ready" in seogo("list")
    with pytest.raises(JobError, match="dummy comes in a wheel"):
        seogo("path", "dummy")


def test_an_unknown_model_lists_the_known_ones(seogo: Run) -> None:
    with pytest.raises(JobError, match="unknown model: word2vec") as info:
        seogo("pull", "word2vec")
    assert KNOWN.name in str(info.value.hint)


@pytest.mark.model
def test_the_doctor_explains_every_choice(seogo: Run, adopted: Path) -> None:
    shown = seogo("doctor")
    here = device.machine()
    assert here.notes[0] in shown
    choice = device.choose(here, parameters=120 * 10**6)
    assert f"{choice.device}, {choice.dtype}, {choice.rows} rows, {choice.threads} threads" in shown
    for extra in inventory.extras():
        assert extra.name == "dev" or f"{extra.name}: " in shown
    assert "rapidocr: ready: reads latin, han (" in shown
    assert "; Hangul by " in shown
    assert "vlm:Qwen/Qwen3-VL-2B-Instruct: to pull: " in shown
    assert "one per core" in shown
    assert f"{KNOWN.name}: ready (sha256-" in shown


@pytest.mark.model
def test_the_doctor_knows_the_setting_of_threads(
    seogo: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEOGO_THREADS", "3")
    assert "3 (SEOGO_THREADS)" in seogo("doctor")
