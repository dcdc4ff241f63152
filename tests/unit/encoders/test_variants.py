"""Options behind an encoder's name: resolution and number format."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from encoders import registry, variants
from encoders.captioning import registry as captioners
from encoders.errors import EncoderUnfit
from encoders.hub import load
from encoders.hub.specs import QWEN_VL, SIGLIP
from encoders.runtime import device
from encoders.runtime.device import GIB, Gpu, Machine, ModelTooLarge, choose
from encoders.settings import CaptionSettings

CARD = Gpu(index=0, name="A", total=24 * GIB, free=20 * GIB, bfloat16=True)
LAPTOP = Machine(cores=8, total=16 * GIB, free=12 * GIB)
SERVER = msgspec.structs.replace(LAPTOP, gpus=(CARD,))
BILLION = 10**9


def test_a_name_says_resolution_format_and_dimension() -> None:
    small = registry.spec("qwen3-vl-embedding-2b+512px+bfloat16:256")
    assert (small.name, small.dim) == ("qwen3-vl-embedding-2b+512px+bfloat16:256", 256)
    assert small.preparation == "min_pixels=4096 max_pixels=262144"
    assert variants.number_format(small) == "bfloat16"
    assert variants.side(registry.spec("efficientnet-lite0+320px"), 224) == 320
    whole = registry.spec("efficientnet-lite0")
    assert "320x320 pixels in all" in registry.spec("efficientnet-lite0+320px").identity
    assert variants.number_format(whole) == "auto"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("siglip2-base+384px", "the one size that it was trained with"),
        ("efficientnet-lite0+int8", "has one number format"),
        ("multilingual-e5-small+bfloat16", "has one number format"),
        ("efficientnet-lite0+9px", "9px is not 64px to 2048px"),
        ("qwen3-vl-embedding-2b+512px+256px", "contradict each other"),
        ("siglip2-base+int8+float32", "contradict each other"),
    ],
)
def test_an_option_that_a_model_has_not_is_refused(name: str, told: str) -> None:
    with pytest.raises(EncoderUnfit, match=told.replace("+", r"\+")):
        registry.spec(name)


def test_a_new_space_gets_the_largest_resolution_that_fits() -> None:
    assert variants.by_memory(QWEN_VL, 2 * BILLION, SERVER) == QWEN_VL
    short = msgspec.structs.replace(LAPTOP, free=10 * GIB)
    chosen = variants.by_memory(QWEN_VL, 2 * BILLION, short)
    assert chosen.name == "qwen3-vl-embedding-2b+768px"
    assert variants.by_memory(chosen, 2 * BILLION, short) == chosen  # a person's choice stands
    none = msgspec.structs.replace(LAPTOP, free=GIB)
    assert variants.by_memory(QWEN_VL, 2 * BILLION, none).name.endswith("+256px")
    assert variants.by_memory(SIGLIP, BILLION, none) == SIGLIP


def test_a_format_that_is_asked_for_is_kept_to() -> None:
    assert choose(LAPTOP, parameters=BILLION, asked="bfloat16").dtype == "bfloat16"
    assert choose(SERVER, parameters=BILLION, asked="float32").dtype == "float32"
    few = choose(SERVER, parameters=30 * BILLION, asked="int4")
    assert (few.bits, few.dtype, few.device) == (4, "bfloat16", "cuda:0")
    with pytest.raises(ModelTooLarge, match="not cuda:0"):
        choose(SERVER, parameters=30 * BILLION, asked="int8")
    for asked in ("int8", "int4", "float16"):
        with pytest.raises(EncoderUnfit, match=r"needs an accelerator .* there is none here"):
            choose(LAPTOP, parameters=BILLION, asked=asked)  # type: ignore[arg-type]


def test_few_bits_without_the_package_are_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(device, "machine", lambda: SERVER)
    monkeypatch.setattr(load.files, "parameters", lambda _folder: BILLION)
    monkeypatch.setattr(load, "QUANTIZER", "no_such_package")
    with pytest.raises(EncoderUnfit, match="x in 4 bits needs the package no_such_package"):
        load.choose(Path("x"), "x", 64, 128, threads=1, asked="int4")
    chain = captioners.build(CaptionSettings(captioners="vlm:org/name+4bit"), tmp_path)
    assert chain is not None
    assert captioners._format("org/name+4bit") == ("org/name", "int4")


def test_another_resolution_makes_other_vectors(model_cache: Path) -> None:
    picture = np.random.default_rng(1).integers(0, 255, (200, 300, 3), dtype=np.uint8)
    own, small = (
        registry.build_images(registry.spec(name), model_cache, 1).encode_images([picture])[0]
        for name in ("efficientnet-lite0", "efficientnet-lite0+160px")
    )
    assert 0.3 < own @ small < 0.99
