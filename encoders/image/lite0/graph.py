"""ONNX graph of EfficientNet-Lite0, written from its weights.

Inverted bottlenecks without squeeze-and-excitation, ReLU6 throughout. Each batch normalisation is
folded into the convolution before it. The classifier is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from encoders.image.lite0.weights import Weights
from encoders.runtime.onnx_graph import GraphBuilder
from encoders.runtime.optional import require

PIXELS = "pixels"
STRIDE_8 = "stride_8"
STRIDE_16 = "stride_16"
HIDDEN_32 = "hidden_32"
EMBEDDING = "embedding"
# Channels of each output, by its name.
CHANNELS = {STRIDE_8: 40, STRIDE_16: 112, HIDDEN_32: 1152, EMBEDDING: 1280}
# By how much each map is smaller than the picture.
STRIDES = {STRIDE_8: 8, STRIDE_16: 16, HIDDEN_32: 32}

# Of the TensorFlow model these weights come from; torch's own default is another.
_EPSILON = 1e-3
_MEAN, _SPREAD = 127.0, 128.0


class _Stage(NamedTuple):
    repeats: int
    kernel: int
    stride: int
    expansion: int
    channels: int
    output: str = ""
    hidden: str = ""


_STAGES = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),
    _Stage(2, 5, 2, 6, 40, STRIDE_8),
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112, STRIDE_16),
    _Stage(4, 5, 2, 6, 192, hidden=HIDDEN_32),
    _Stage(1, 3, 1, 6, 320),
)
_STEM_CHANNELS = 32


class _Block(NamedTuple):
    name: str
    stride: int
    expansion: int
    adds_input: bool
    output: str
    hidden: str


def write_graph(weights: Weights, path: Path) -> None:
    """Write the graph, weights included, to one file (13.5 MB).

    Input: `pixels`, uint8 of shape (batch, height, width, 3), RGB, any height and width. Outputs,
    all float32: `stride_8` of shape (batch, 40, ceil(height / 8), ceil(width / 8)) and
    `stride_16` of shape (batch, 112, ceil(height / 16), ceil(width / 16)), both before any
    activation; `hidden_32` of shape (batch, 1152, ceil(height / 32), ceil(width / 32)), the wide
    layer inside the last block of the sixth stage, after its activation; `embedding` of shape
    (batch, 1280), the cubic mean over the places of the last convolution, rows L2-normalised.

    Raises:
        EncoderNotInstalled: If the onnx package is absent.
    """
    graph = _ConvGraph(weights)
    hidden = graph.activated(_scaled(graph), "_conv_stem", "_bn0", stride=2)
    for block in _blocks():
        hidden = _bottleneck(graph, hidden, block)
    _pool(graph, graph.activated(hidden, "_conv_head", "_bn1"))
    outputs: dict[str, list[str | int]] = {
        name: ["batch", channels, *([f"{name}_rows", f"{name}_columns"] if name in STRIDES else [])]
        for name, channels in CHANNELS.items()
    }
    shape: list[str | int] = ["batch", "height", "width", 3]
    model = graph.model("lite0", {PIXELS: (graph.types.UINT8, shape)}, outputs)
    require("onnx").save_model(model, str(path))


class _ConvGraph(GraphBuilder):
    """Builder with convolutions, each with the batch normalisation after it folded in."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self._weights = weights

    def convolved(
        self, hidden: str, conv: str, norm: str, stride: int = 1, output: str = ""
    ) -> str:
        """A convolution and the batch normalisation after it.

        A kernel of one input channel is applied to every channel apart.
        """
        kernel = self._weights[f"{conv}.weight"]
        spread = np.sqrt(self._weights[f"{norm}.running_var"].astype(np.float64) + _EPSILON)
        scale = self._weights[f"{norm}.weight"] / spread
        shift = self._weights[f"{norm}.bias"] - self._weights[f"{norm}.running_mean"] * scale
        folded = (kernel * scale[:, np.newaxis, np.newaxis, np.newaxis]).astype(np.float32)
        weight = self.constant(f"{conv}.weight", folded)
        bias = self.constant(f"{conv}.bias", shift.astype(np.float32))
        return self.node(
            "Conv",
            [hidden, weight, bias],
            # TensorFlow's SAME, which the model was trained with: an odd pixel goes to the end.
            auto_pad="SAME_UPPER",
            strides=[stride, stride],
            group=kernel.shape[0] if kernel.shape[1] == 1 else 1,
            output=output,
        )

    def activated(
        self, hidden: str, conv: str, norm: str, stride: int = 1, output: str = ""
    ) -> str:
        bounds = [self.constant("0", np.float32(0)), self.constant("6", np.float32(6))]
        convolved = self.convolved(hidden, conv, norm, stride)
        return self.node("Clip", [convolved, *bounds], output=output)


def _scaled(graph: _ConvGraph) -> str:
    """Pixels scaled as in training: about -1 to 1, channels first."""
    floats = graph.node("Cast", [PIXELS], to=graph.types.FLOAT)
    centred = graph.node("Sub", [floats, graph.constant("mean", np.float32(_MEAN))])
    scaled = graph.node("Div", [centred, graph.constant("spread", np.float32(_SPREAD))])
    return graph.node("Transpose", [scaled], perm=[0, 3, 1, 2])


def _blocks() -> Iterator[_Block]:
    """All blocks in order; the first of a stage halves the size and changes the channels."""
    channels, number = _STEM_CHANNELS, 0
    for stage in _STAGES:
        for repeat in range(stage.repeats):
            stride = stage.stride if repeat == 0 else 1
            last = repeat == stage.repeats - 1
            yield _Block(
                name=f"_blocks.{number}",
                stride=stride,
                expansion=stage.expansion,
                adds_input=stride == 1 and channels == stage.channels,
                output=stage.output if last else "",
                hidden=stage.hidden if last else "",
            )
            channels, number = stage.channels, number + 1


def _bottleneck(graph: _ConvGraph, hidden: str, block: _Block) -> str:
    """Inverted bottleneck: expansion, depthwise convolution, projection; adds its input if shapes fit."""
    name = block.name
    wide = hidden
    if block.expansion != 1:
        wide = graph.activated(hidden, f"{name}._expand_conv", f"{name}._bn0", output=block.hidden)
    filtered = graph.activated(wide, f"{name}._depthwise_conv", f"{name}._bn1", block.stride)
    projected = (f"{name}._project_conv", f"{name}._bn2")
    if not block.adds_input:
        return graph.convolved(filtered, *projected, output=block.output)
    narrow = graph.convolved(filtered, *projected)
    return graph.node("Add", [hidden, narrow], output=block.output)


def _pool(graph: _ConvGraph, hidden: str) -> None:
    """Generalised mean (p = 3) over the places, scaled to length one; (batch, channels).

    Between mean and maximum: what is small in the picture still counts.
    """
    # A channel that is off everywhere must not make the length zero.
    positive = graph.node("Max", [hidden, graph.constant("floor", np.float32(1e-6))])
    cubes = graph.node("Pow", [positive, graph.constant("3", np.float32(3))])
    mean = graph.node("Flatten", [graph.node("GlobalAveragePool", [cubes])], axis=1)
    roots = graph.node("Pow", [mean, graph.constant("1/3", np.float32(1 / 3))])
    graph.node("LpNormalization", [roots], axis=-1, p=2, output=EMBEDDING)
