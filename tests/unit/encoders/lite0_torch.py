"""EfficientNet-Lite0 in torch, by the names of the published weights: what ours must equal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

if TYPE_CHECKING:
    from pathlib import Path

# Repeats, kernel, stride, expansion, channels.
STAGES = [
    (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192), (1, 3, 1, 6, 320),
]  # fmt: skip


class SameConv(nn.Conv2d):
    """Pads as TensorFlow's SAME does: by the input's size, the odd pixel at the end."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        kernel, stride = self.kernel_size[0], self.stride[0]
        missing = [max((-(-n // stride) - 1) * stride + kernel - n, 0) for n in x.shape[-2:]]
        high, wide = missing
        padded = functional.pad(x, (wide // 2, wide - wide // 2, high // 2, high - high // 2))
        return functional.conv2d(padded, self.weight, None, self.stride, 0, 1, self.groups)


def norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3)


class Bottleneck(nn.Module):
    def __init__(self, inner: int, outer: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = inner * expansion
        if expansion != 1:
            self._expand_conv = SameConv(inner, wide, 1, bias=False)
            self._bn0 = norm(wide)
        self._depthwise_conv = SameConv(wide, wide, kernel, stride, groups=wide, bias=False)
        self._bn1 = norm(wide)
        self._project_conv = SameConv(wide, outer, 1, bias=False)
        self._bn2 = norm(outer)
        self.expands, self.adds = expansion != 1, stride == 1 and inner == outer

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = functional.relu6(self._bn0(self._expand_conv(x))) if self.expands else x
        y = functional.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        return x + y if self.adds else y


class Lite0(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self._conv_stem = SameConv(3, 32, 3, 2, bias=False)
        self._bn0 = norm(32)
        blocks, channels = [], 32
        for repeats, kernel, stride, expansion, outer in STAGES:
            for repeat in range(repeats):
                step = stride if repeat == 0 else 1
                blocks.append(Bottleneck(channels, outer, kernel, step, expansion))
                channels = outer
        self._blocks = nn.ModuleList(blocks)
        self._conv_head = SameConv(320, 1280, 1, bias=False)
        self._bn1 = norm(1280)
        self._fc = nn.Linear(1280, 1000)

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Outputs of the third and fifth stage and the pooled vector, from uint8 (n, h, w, 3)."""
        x = (pixels.permute(0, 3, 1, 2).float() - 127) / 128
        x = functional.relu6(self._bn0(self._conv_stem(x)))
        after = []
        for block in self._blocks:
            x = block(x)
            after.append(x)
        x = functional.relu6(self._bn1(self._conv_head(x)))
        pooled = x.clamp(min=1e-6).pow(3).mean((2, 3)).pow(1 / 3)
        return after[4], after[10], functional.normalize(pooled, dim=-1)


def load(path: Path) -> Lite0:
    """Load published weights; every one must find its place."""
    model = Lite0().eval()
    model.load_state_dict(torch.load(path, weights_only=True, map_location="cpu"), strict=True)
    return model
