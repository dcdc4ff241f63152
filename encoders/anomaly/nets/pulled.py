"""Backbones that were pulled: networks of transformers, and residual networks of timm."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from encoders.anomaly.nets import resnet
from encoders.anomaly.nets.features import WIDEST, Seen, coarse_features, identity, patch_features
from encoders.errors import WeightsInvalid
from encoders.hub import files, models
from encoders.hub import load as hub
from encoders.hub.runtime import load_options, to_numpy, torch_for
from encoders.hub.specs import EXTRA
from encoders.pictures.decoding import check, resized
from encoders.runtime.optional import require

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from encoders.base import Picture

    Run = Callable[[NDArray[np.float32]], list[NDArray[np.float32]]]

_IMAGENET: Final = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
_BATCH: Final = 4


class PulledBackbone:
    """Backbone whose network runs elsewhere.

    Args:
        name: In settings and commands.
        revision: Of the weights.
        layers: Names of the feature maps.
        run: Gives them for normalised pictures, float32 of shape (n, 3, side, side).
        normalization: Mean and deviation of channels, `image_mean` and `image_std`; ImageNet's otherwise.
    """

    def __init__(
        self,
        name: str,
        revision: str,
        layers: Sequence[str],
        run: Run,
        normalization: dict[str, Any],
    ) -> None:
        self.name = name
        self.identity = identity(name, revision, layers)
        self._run = run
        given = _IMAGENET | normalization
        self._mean, self._std = (np.array(given[key], dtype=np.float32) for key in _IMAGENET)

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
        return self._run(np.ascontiguousarray(scaled))


def load(name: str, models_path: Path, threads: int | None) -> PulledBackbone:
    """Load a backbone by its place; see `backbones.build`."""
    source = name.partition(":")[2]
    folder = models.folder(source, models_path)
    revision = models.revision(source, models_path)
    files.refuse_pickles(folder)
    if resnet.is_timm(folder):
        run = resnet.load(folder, revision, models_path, threads)
        return PulledBackbone(name, revision, resnet.STAGES, run, resnet.normalization(folder))
    return _of_transformers(name, revision, folder, threads)


def _of_transformers(name: str, revision: str, folder: Path, threads: int | None) -> PulledBackbone:
    choice = hub.choose(folder, name, WIDEST, 1, threads=threads)
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

    def run(pictures: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        tensor = torch.from_numpy(pictures).to(model.device, model.dtype)
        with torch.inference_mode():
            return [to_numpy(maps) for maps in model(tensor).feature_maps]

    known = files.optional_config(folder / "preprocessor_config.json")
    return PulledBackbone(name, revision, model.out_features, run, known)
