"""EfficientNet-Lite0 through ONNX Runtime, on the processor: vectors and feature maps."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from encoders import variants
from encoders.base import Picture, Vectors
from encoders.image.lite0 import SPEC, graph, weights
from encoders.pictures import decoding
from encoders.runtime import cache
from encoders.runtime.onnx_session import open_session
from encoders.spec import EncoderSpec

GRAPH_FILE = "model.onnx"

# Counts from 1; raise it when the file built from the same weights changes.
_BUILD = 2
# Sides are multiples of what the network reduces by, so that no place is half padding.
_STEP = 32
_SIDE = 224
_LONGEST = 4
# More pictures at once are not faster on a processor.
_BATCH = 8


class Lite0Encoder:
    """Picture encoder with a loaded model; see `load`.

    Use threads or spawned processes around it: the runtime's threads do not survive a fork.
    """

    def __init__(self, spec: EncoderSpec, session: Any) -> None:
        self.spec = spec
        self._session = session
        self._side = variants.side(spec, _SIDE)

    def encode_images(self, images: Sequence[Picture]) -> Vectors:
        """See `ImageEncoder.encode_images`.

        The whole picture is seen, in its aspect ratio and scaled to about 224 x 224 pixels, or what
        the name of the encoder says.
        """
        decoding.check(images)
        vectors = np.empty((len(images), self.spec.dim), dtype=np.float32)
        for row, image in enumerate(images):
            height, width = image.shape[:2]
            pixels = decoding.resized(image, *fitted(width, height, self._side))[np.newaxis]
            vectors[row] = self._session.run([graph.EMBEDDING], {graph.PIXELS: pixels})[0][0]
        return vectors

    def features(
        self,
        images: Sequence[Picture],
        side: int = 256,
        outputs: Sequence[str] = (graph.STRIDE_8, graph.STRIDE_16),
    ) -> tuple[NDArray[np.float32], ...]:
        """Feature maps of pictures scaled to a square, whatever their aspect ratio.

        Args:
            images: uint8 of shape (height, width, 3), RGB; sizes may differ.
            side: Width and height the pictures are scaled to, in pixels.
            outputs: Which maps: names of `encoders.image.lite0.graph.STRIDES`.

        Returns:
            One array per output, float32 of shape (len(images), channels, places, places), where
            `places` is ceil(side / stride) and channels and stride are those of the output; in the
            order given.

        Raises:
            ValueError: If a picture has another shape or dtype, or no pixel.
        """
        decoding.check(images)
        found = tuple(_maps(len(images), name, side) for name in outputs)
        for start in range(0, len(images), _BATCH):
            rows = slice(start, start + _BATCH)
            pixels = np.stack([decoding.resized(image, side, side) for image in images[rows]])
            for maps, batch in zip(
                found, self._session.run(list(outputs), {graph.PIXELS: pixels}), strict=True
            ):
                maps[rows] = batch
        return found


def fitted(width: int, height: int, side: int = _SIDE) -> tuple[int, int]:
    """Width and height that a picture of that size is scaled to, in pixels.

    About side x side pixels in all, multiples of 32; the aspect ratio is kept up to four times as
    long as wide, beyond which a picture is compressed.
    """
    scale = side / math.sqrt(width * height)

    def rounded(length: int) -> int:
        return min(_LONGEST * side, max(_STEP, round(length * scale / _STEP) * _STEP))

    return rounded(width), rounded(height)


def load(
    spec: EncoderSpec,
    cache_dir: Path,
    threads: int | None,
    progress: Callable[[str], None] | None,
) -> Lite0Encoder:
    """Load the model from the cache, building it there first if needed; as `registry.build`."""

    def build(folder: Path) -> None:
        graph.write_graph(weights.read(), folder / GRAPH_FILE)

    # One file for all resolutions.
    folder = cache.built(SPEC, _BUILD, cache_dir, build, progress)
    return Lite0Encoder(spec, open_session(folder / GRAPH_FILE, threads))


def _maps(count: int, name: str, side: int) -> NDArray[np.float32]:
    places = math.ceil(side / graph.STRIDES[name])
    return np.empty((count, graph.CHANNELS[name], places, places), dtype=np.float32)
