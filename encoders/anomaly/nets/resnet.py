"""Residual networks of timm (ResNet, Wide ResNet, ResNeXt) on ONNX Runtime, up to their third stage.

K. He, X. Zhang, S. Ren, J. Sun: Deep Residual Learning for Image Recognition, CVPR 2016, the stride in the
3 x 3 convolution. Written from the weights alone: neither torch nor timm is needed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from encoders.errors import WeightsInvalid
from encoders.hub import files
from encoders.hub.specs import EXTRA
from encoders.runtime import cache
from encoders.runtime.onnx_graph import GraphBuilder
from encoders.runtime.onnx_session import open_session
from encoders.runtime.optional import require

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

# Stages at strides 8 and 16, as the paper has them; what comes after is not built.
STAGES: Final = ("layer2", "layer3")
PIXELS: Final = "pixels"
_WEIGHTS: Final = "model.safetensors"
# Counts from 1; raise it when the graph built from the same weights changes.
_BUILD: Final = 1
# torch's own.
_EPSILON: Final = 1e-5
_NAME: Final = re.compile(
    r"(conv1|bn1|fc|layer[1-4]\.\d+\.((conv|bn)[1-3]|downsample\.[01]))\.[a-z_]+"
)

Maps = list["NDArray[np.float32]"]


def is_timm(folder: Path) -> bool:
    """Whether a folder says that its model is one of timm."""
    return "architecture" in files.optional_config(folder / "config.json")


def normalization(folder: Path) -> dict[str, Any]:
    """Mean and deviation of channels that the model was trained with, by the names of transformers."""
    known = files.config(folder / "config.json").get("pretrained_cfg", {})
    names = {"image_mean": "mean", "image_std": "std"}
    return {ours: known[theirs] for ours, theirs in names.items() if theirs in known}


def load(
    folder: Path, revision: str, models_path: Path, threads: int | None
) -> Callable[[NDArray[np.float32]], Maps]:
    """Load a network: a function from pictures, (n, 3, height, width), to the maps of `STAGES`.

    Raises:
        EncoderNotInstalled: If safetensors, onnx or onnxruntime is absent.
        WeightsInvalid: If it is no plain residual network.
    """
    require("onnxruntime")  # before a build that could not be used
    weights = _read(folder)

    def build(fresh: Path) -> None:
        require("onnx").save_model(_graph(weights), str(fresh / "model.onnx"))

    made = cache.ensure(models_path / f"resnet-{revision}-b{_BUILD}", build)
    session = open_session(made / "model.onnx", threads)

    def run(pictures: NDArray[np.float32]) -> Maps:
        found: Maps = session.run(list(STAGES), {PIXELS: pictures})
        return found

    return run


def _read(folder: Path) -> dict[str, NDArray[np.float32]]:
    path = folder / _WEIGHTS
    if not path.exists():
        raise WeightsInvalid(path, "it is missing, so this folder is no model of timm")
    found = require("safetensors.numpy", EXTRA).load_file(path)
    unknown = sorted(name for name in found if not _NAME.fullmatch(name))
    stages = {name.split(".")[0] for name in found}
    if unknown or not {"conv1", "bn1", "layer1", *STAGES} <= stages:
        told = f"{unknown[0]} is no part of one" if unknown else "it lacks stages"
        raise WeightsInvalid(path, f"it is no plain residual network: {told}")
    return {name: np.asarray(value, np.float32) for name, value in found.items()}


class _Network(GraphBuilder):
    """Builder with convolutions, each with the batch normalisation after it folded in."""

    def __init__(self, weights: dict[str, NDArray[np.float32]]) -> None:
        super().__init__()
        self._weights = weights

    def convolved(self, hidden: str, conv: str, norm: str, stride: int = 1) -> str:
        kernel, norms = self._weights[f"{conv}.weight"], f"{norm}."
        names = ("weight", "bias", "running_mean", "running_var")
        gain, bias, mean, variance = (self._weights[norms + name] for name in names)
        scale = (gain / np.sqrt(variance.astype(np.float64) + _EPSILON))[:, None, None, None]
        constants = [
            self.constant(f"{conv}.weight", (kernel * scale).astype(np.float32)),
            self.constant(f"{conv}.bias", (bias - mean * scale.ravel()).astype(np.float32)),
        ]
        pad = kernel.shape[2] // 2
        return self.node(
            "Conv",
            [hidden, *constants],
            strides=[stride, stride],
            pads=[pad] * 4,
            group=self._groups(conv),
        )

    def _groups(self, conv: str) -> int:
        """Groups of a 3 x 3 convolution of a bottleneck, which takes what the one before gives; else 1."""
        block, _, name = conv.rpartition(".")
        if name != "conv2" or f"{block}.conv3.weight" not in self._weights:
            return 1
        given = self._weights[f"{block}.conv1.weight"].shape[0]
        return int(given // self._weights[f"{conv}.weight"].shape[1])

    def block(self, hidden: str, name: str, stride: int, output: str) -> str:
        """A block: two or three convolutions, its input added, rectified."""
        deep = f"{name}.conv3.weight" in self._weights
        inner, strides = hidden, [1, stride, 1] if deep else [stride, 1]
        for number, step in enumerate(strides, 1):
            inner = self.convolved(inner, f"{name}.conv{number}", f"{name}.bn{number}", step)
            if number < len(strides):
                inner = self.node("Relu", [inner])
        if f"{name}.downsample.0.weight" in self._weights:
            hidden = self.convolved(hidden, f"{name}.downsample.0", f"{name}.downsample.1", stride)
        return self.node("Relu", [self.node("Add", [inner, hidden])], output=output)


def _graph(weights: dict[str, NDArray[np.float32]]) -> Any:
    made = _Network(weights)
    stem = made.node("Relu", [made.convolved(PIXELS, "conv1", "bn1", stride=2)])
    hidden = made.node("MaxPool", [stem], kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    for stage in ("layer1", *STAGES):
        blocks = sorted({int(n.split(".")[1]) for n in weights if n.startswith(f"{stage}.")})
        for number in blocks:
            stride = 2 if number == 0 and stage != "layer1" else 1
            last = stage if number == blocks[-1] else ""
            hidden = made.block(hidden, f"{stage}.{number}", stride, last)
    shape: list[str | int] = ["batch", 3, "height", "width"]
    outputs: dict[str, list[str | int]] = {
        stage: ["batch", *(f"{stage}_{axis}" for axis in ("channels", "rows", "columns"))]
        for stage in STAGES
    }
    return made.model("resnet", {PIXELS: (made.types.FLOAT, shape)}, outputs)
