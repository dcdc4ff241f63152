"""Backbones: pretrained networks whose feature maps give patch vectors."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from encoders.anomaly.change import CELLS
from encoders.anomaly.coreset import signs
from encoders.base import Picture
from encoders.errors import EncoderUnknown, WeightsInvalid
from encoders.hub import files, load, models
from encoders.hub.runtime import load_options, to_numpy, torch_for
from encoders.hub.specs import BY_SOURCE, EXTRA
from encoders.image import lite0
from encoders.image.lite0 import graph
from encoders.image.lite0.encoder import Lite0Encoder
from encoders.pictures.decoding import check, resized
from encoders.runtime.optional import require

# Layers with more channels are projected to so many: banks must fit into memory and compare fast.
_WIDEST = 256
_POOL = 3
# How the offline network was chosen among its layers: see bench/anomaly.py.
_LITE0: Final = {
    "efficientnet-lite0": (graph.HIDDEN_32,),
    "efficientnet-lite0:mid": (graph.STRIDE_8, graph.STRIDE_16),
}
NAMES: Final = tuple(_LITE0)
_IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
_BATCH = 4


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


class Seen(NamedTuple):
    """Features of a picture.

    Attributes:
        patches: As of `Backbone.features`, float32 of shape (rows, columns, dim).
        coarse: A layer of the middle, averaged over cells: (cells, cells, channels).
    """

    patches: NDArray[np.float32]
    coarse: NDArray[np.float32]


class Lite0Backbone:
    """EfficientNet-Lite0 on ONNX Runtime as a backbone."""

    def __init__(self, name: str, encoder: Lite0Encoder) -> None:
        self.name = name
        self.identity = _identity(lite0.SPEC.name, lite0.SPEC.revision, _LITE0[name])
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


class HubBackbone:
    """Backbone of the transformers library; timm models too where timm is installed."""

    def __init__(
        self, name: str, revision: str, model: Any, torch: Any, normalization: dict[str, Any]
    ) -> None:
        self.name = name
        self.identity = _identity(name, revision, model.out_features)
        self._model = model
        self._torch = torch
        self._mean, self._std = (
            np.array(normalization[key], dtype=np.float32) for key in _IMAGENET
        )

    def features(self, images: Sequence[Picture], side: int) -> NDArray[np.float32]:
        """See `Backbone.features`."""
        check(images)
        parts = [
            patch_features(self._maps(images[start : start + _BATCH], side))
            for start in range(0, len(images), _BATCH)
        ]
        return np.concatenate(parts)

    def see(self, image: Picture, side: int) -> Seen:
        """See `Backbone.see`."""
        check([image])
        layers = self._maps([image], side)
        return Seen(patch_features(layers)[0], coarse_features(layers[0]))

    def _maps(self, images: Sequence[Picture], side: int) -> list[NDArray[np.float32]]:
        pixels = np.stack([resized(image, side, side) for image in images]).astype(np.float32)
        scaled = ((pixels / 255 - self._mean) / self._std).transpose(0, 3, 1, 2)
        tensor = self._torch.from_numpy(np.ascontiguousarray(scaled))
        with self._torch.inference_mode():
            found = self._model(tensor.to(self._model.device, self._model.dtype)).feature_maps
        return [to_numpy(maps) for maps in found]


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
            that the transformers library knows as a backbone, `file:/folder` for one in a folder.
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
        return _hub(name, models_path, threads)
    raise EncoderUnknown(name, [*_LITE0, *(f"{prefix}..." for prefix in BY_SOURCE)])


def patch_features(layers: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Patch features from feature maps: smoothed, resized to the finest map, concatenated.

    Args:
        layers: Per layer, float32 of shape (n, channels, rows, columns).

    Returns:
        float32 of shape (n, rows, columns, dim), rows and columns being the finest layer's.
    """
    cv2 = require("cv2")
    rows, columns = max(layer.shape[2:] for layer in layers)
    parts = []
    for number, layer in enumerate(layers):
        maps = layer.transpose(0, 2, 3, 1)
        if maps.shape[3] > _WIDEST:
            maps = maps @ signs(maps.shape[3], _WIDEST, number)
        smooth = _smoothed(maps)
        if smooth.shape[1:3] != (rows, columns):
            smooth = np.stack([cv2.resize(one, (columns, rows)) for one in smooth])
        parts.append(smooth)
    return np.concatenate(parts, axis=3)


def coarse_features(layer: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means of a feature map over coarse cells.

    Args:
        layer: float32 of shape (1, channels, rows, columns).

    Returns:
        float32 of shape (CELLS, CELLS, channels).
    """
    cv2 = require("cv2")
    smooth = _smoothed(layer.transpose(0, 2, 3, 1))[0]
    found: NDArray[np.float32] = cv2.resize(smooth, (CELLS, CELLS), interpolation=cv2.INTER_AREA)
    return found


def _smoothed(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean over each 3 x 3 neighbourhood; edge values are repeated outside."""
    half = _POOL // 2
    wide = np.pad(maps, ((0, 0), (half, half), (half, half), (0, 0)), mode="edge")
    rows, columns = maps.shape[1:3]
    summed = np.zeros_like(maps)
    for row in range(_POOL):
        for column in range(_POOL):
            summed += wide[:, row : row + rows, column : column + columns]
    return summed / np.float32(_POOL**2)


def _identity(name: str, revision: str, layers: Sequence[str]) -> str:
    return f"{name}@{revision} layers={'+'.join(layers)} mean={_POOL} width={_WIDEST}"


def _hub(name: str, models_path: Path, threads: int | None) -> HubBackbone:
    source = name.partition(":")[2]
    folder = models.folder(source, models_path)
    files.refuse_pickles(folder)
    normalization = _IMAGENET | files.optional_config(folder / "preprocessor_config.json")
    choice = load.choose(folder, name, _WIDEST, 1, threads=threads)
    with torch_for(choice) as torch:
        library = require("transformers", EXTRA)
        config = library.AutoConfig.from_pretrained(folder, local_files_only=True)
        if type(config) not in library.MODEL_FOR_BACKBONE_MAPPING:
            raise WeightsInvalid(folder, f"{config.model_type} is no backbone of transformers")
        # Not AutoBackbone: it asks the hub whether a model of that name is there.
        kind = library.MODEL_FOR_BACKBONE_MAPPING[type(config)]
        model = kind.from_pretrained(folder, **load_options(torch, choice))
        model.eval().to(choice.device)
    # Halfway and three quarters up: of four stages the second and the third, as in the paper.
    stages = len(model.stage_names) - 1
    model.out_features = [model.stage_names[math.ceil(stages * share)] for share in (0.5, 0.75)]
    return HubBackbone(name, models.revision(source, models_path), model, torch, normalization)
