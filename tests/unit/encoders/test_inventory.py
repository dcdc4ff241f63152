from __future__ import annotations

import sys
from importlib import metadata
from typing import TYPE_CHECKING

import msgspec
import pytest

from encoders import inventory
from encoders.base import TokenVectors
from encoders.hub import models
from encoders.image.lite0 import SPEC
from encoders.image.lite0.encoder import load
from encoders.registry import SPECS, build

if TYPE_CHECKING:
    from pathlib import Path

HUB = next(spec for spec in SPECS.values() if spec.source)


def test_what_needs_nothing_is_ready(tmp_path: Path) -> None:
    entry = inventory.entry(SPECS["dummy"], tmp_path)
    assert (entry.state, entry.size) == ("ready", 0)


@pytest.mark.model
def test_a_wheel_is_to_build_until_it_is_built(tmp_path: Path) -> None:
    assert inventory.entry(SPEC, tmp_path).state == "to build"
    load(SPEC, tmp_path, 1, None)
    entry = inventory.entry(SPEC, tmp_path)
    assert entry.state == "ready"
    assert entry.size == sum(path.stat().st_size for path in tmp_path.glob("*/model.onnx"))


@pytest.mark.model
def test_a_hub_model_is_to_pull_until_it_is_pulled(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="without it the model is to install")
    assert inventory.entry(HUB, tmp_path).state == "to pull"
    origin = tmp_path / "origin"
    origin.mkdir()
    (origin / "model.safetensors").write_bytes(b"w" * 99)
    models.adopt(HUB.source, origin, tmp_path, "v1")
    entry = inventory.entry(HUB, tmp_path)
    assert (entry.state, entry.detail, entry.size) == ("ready", "v1", 99)
    own = msgspec.structs.replace(HUB, source=str(origin))
    assert inventory.entry(own, tmp_path).state == "ready"


def test_every_package_an_encoder_loads_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for spec in (SPEC, SPECS["multilingual-e5-small"], HUB):
        needs = inventory._NEEDS.get(spec.family, inventory._HUB_NEEDS)
        for package in needs:
            with monkeypatch.context() as patch:
                patch.setitem(sys.modules, package, None)
                entry = inventory.entry(spec, tmp_path)
            assert entry.state == "to install"
            extra = "models" if spec.source else "local"
            assert entry.detail == f"{package}: pip install 'seogo[{extra}]'"


def test_the_extras_are_those_of_the_metadata() -> None:
    found = {extra.name: extra for extra in inventory.extras()}
    assert set(found) == set(metadata.metadata("seogo").get_all("Provides-Extra") or [])
    assert f"onnxruntime {metadata.version('onnxruntime')}" in found["local"].installed
    for extra in found.values():
        for package in extra.missing:
            with pytest.raises(metadata.PackageNotFoundError):
                metadata.version(package)


def test_ready_encoders_can_be_built(tmp_path: Path) -> None:
    for spec in SPECS.values():
        if inventory.entry(spec, tmp_path).state == "ready":
            (found,) = build(spec, tmp_path).encode_queries(["x"])
            vectors = found.vectors if isinstance(found, TokenVectors) else found
            # Of token weights three numbers a token, however many there are.
            assert vectors.shape[-1] == (3 if spec.kind == "sparse" else spec.dim)
