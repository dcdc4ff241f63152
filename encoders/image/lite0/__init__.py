"""EfficientNet-Lite0 trained on ImageNet: offline picture encoder, without torch."""

from __future__ import annotations

from encoders.spec import EncoderSpec

# Pooling and preparation were chosen among several by measurement: see bench/images.py.
SPEC = EncoderSpec(
    name="efficientnet-lite0",
    family="lite0-onnx",
    modality="image",
    dim=1280,
    revision="imagenet-57934424",
    pooling="gem3",
    preparation="whole picture, aspect kept, 224x224 pixels in all, sides multiples of 32, bicubic",
)
