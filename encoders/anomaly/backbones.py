"""Backbones: pretrained networks whose feature maps give patch vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from encoders.anomaly.nets.features import Seen, coarse_features, identity, patch_features
from encoders.base import Picture
from encoders.errors import EncoderUnknown
from encoders.hub.specs import BY_SOURCE
from encoders.image import lite0
from encoders.image.lite0 import graph
from encoders.image.lite0.encoder import Lite0Encoder

# How the offline network was chosen among its layers: see bench/anomaly.py.
_LITE0: Final = {
    "efficientnet-lite0": (graph.HIDDEN_32,),
    "efficientnet-lite0:mid": (graph.STRIDE_8, graph.STRIDE_16),
}
NAMES: Final = tuple(_LITE0)


class Backbone(Protocol):
    """Extracts patch features of pictures. May be called from several threads at once."""

    @property
    def name(self) -> str:
        """Name in settings and commands."""
        ...

    @property
    def identity(self) -> str:
        """Everything that features depend on; another identity needs another bank."""
        ...

    def features(self, images: Sequence[Picture], side: int) -> NDArray[np.float32]:
        """Patch features of pictures, each averaged with its neighbours.

        Args:
            images: uint8 of shape (height, width, 3), RGB; sizes may differ.
            side: Width and height the pictures are scaled to, in pixels.

        Returns:
            float32 of shape (len(images), rows, columns, dim), in the order given.

        Raises:
            ValueError: If a picture has another shape or dtype, or no pixel.
        """
        ...

    def see(self, image: Picture, side: int) -> Seen:
        """Features of a picture: of its patches, and of coarse cells; arguments as for `features`."""
        ...


class Lite0Backbone:
    """EfficientNet-Lite0 on ONNX Runtime as a backbone."""

    def __init__(self, name: str, encoder: Lite0Encoder) -> None:
        self.name = name
        self.identity = identity(lite0.SPEC.name, lite0.SPEC.revision, _LITE0[name])
        self._encoder = encoder

    def features(self, images: Sequence[Picture], side: int) -> NDArray[np.float32]:
        """See `Backbone.features`."""
        return patch_features(self._encoder.features(images, side, _LITE0[self.name]))

    def see(self, image: Picture, side: int) -> Seen:
        """See `Backbone.see`."""
        layers = _LITE0[self.name]
        outputs = dict.fromkeys((*layers, graph.STRIDE_16))
        found = dict(
            zip(outputs, self._encoder.features([image], side, list(outputs)), strict=True)
        )
        patches = patch_features([found[name] for name in layers])
        return Seen(patches[0], coarse_features(found[graph.STRIDE_16]))


def build(
    name: str,
    models_path: Path,
    threads: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> Backbone:
    """Load a backbone.

    Args:
        name: `efficientnet-lite0` (offline; its wide layer at stride 32), `efficientnet-lite0:mid`
            (its narrow ones at strides 8 and 16, as in the paper), `hf:org/name` for a pulled model
            that the transformers library knows as a backbone (`hf:facebook/dinov2-small`) or a residual
            network of timm (`hf:timm/wide_resnet50_2.tv_in1k`), `file:/folder` for one in a folder.
        models_path: Folder of built and pulled models.
        threads: Threads of the matrix operations; None for one per core.
        progress: Called with a line of text before slow work.

    Raises:
        EncoderUnknown: If there is none of that name.
        EncoderNotInstalled: If a package it needs is absent.
        EncoderNotPulled: If a hub model is not in `models_path`.
        WeightsInvalid: If it is not such a model, or its weights are pickled.
    """
    if name in _LITE0:
        from encoders.image.lite0 import encoder

        return Lite0Backbone(name, encoder.load(lite0.SPEC, models_path, threads, progress))
    if name.startswith(BY_SOURCE):
        from encoders.anomaly.nets import pulled

        return pulled.load(name, models_path, threads)
    raise EncoderUnknown(name, [*_LITE0, *(f"{prefix}..." for prefix in BY_SOURCE)])
