"""Patch features of offline and pulled networks; pulled ones are tiny, of the shape of the real ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from encoders.anomaly import backbones
from encoders.anomaly.nets.features import patch_features
from encoders.errors import EncoderUnknown, WeightsInvalid
from encoders.image.lite0 import graph
from tests.unit.encoders.anomaly.test_banks import surface

if TYPE_CHECKING:
    from pathlib import Path

    Weights = dict[str, Any]


def test_layers_are_smoothed_stretched_and_joined() -> None:
    fine, coarse = np.zeros((1, 1, 4, 4), np.float32), np.ones((1, 2, 2, 2), np.float32)
    fine[0, 0, 1, 1] = 9
    found = patch_features([fine, coarse])
    assert found.shape == (1, 4, 4, 3)
    assert found[0, :, :, 0].tolist() == [[1, 1, 1, 0]] * 3 + [[0] * 4]
    np.testing.assert_allclose(found[..., 1:], 1)


def test_wide_layers_are_projected() -> None:
    wide = np.random.default_rng(0).standard_normal((2, 600, 3, 3)).astype(np.float32)
    assert patch_features([wide]).shape == (2, 3, 3, 256)


def test_the_offline_backbone_says_what_it_is(model_cache: Path) -> None:
    wide = backbones.build("efficientnet-lite0", model_cache, 1)
    paper = backbones.build("efficientnet-lite0:mid", model_cache, 1)
    assert wide.identity != paper.identity
    given = [surface(1), surface(2, spot=True)]
    assert wide.features(given, 128).shape == (2, 4, 4, 256)
    channels = graph.CHANNELS[graph.STRIDE_8] + graph.CHANNELS[graph.STRIDE_16]
    assert paper.features(given, 128).shape == (2, 16, 16, channels)
    alone = wide.features(given[1:], 128)
    np.testing.assert_allclose(wide.features(given, 128)[1:], alone, atol=1e-4)


def test_an_unknown_backbone_names_the_known(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnknown, match="efficientnet-lite0"):
        backbones.build("resnet", tmp_path)


@pytest.mark.model
def test_any_backbone_of_the_library_serves(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    config = transformers.ResNetConfig(
        embedding_size=8, hidden_sizes=[8, 16, 24, 32], depths=[1, 1, 1, 1], layer_type="basic"
    )
    transformers.ResNetBackbone(config).save_pretrained(tmp_path / "tiny")
    backbone = backbones.build(f"file:{tmp_path / 'tiny'}", tmp_path, 1)
    assert "stage2+stage3" in backbone.identity
    found = backbone.features([surface(seed) for seed in range(5)], 64)
    assert found.shape == (5, 8, 8, 16 + 24)
    np.testing.assert_allclose(found[4], backbone.features([surface(4)], 64)[0], atol=1e-4)


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "pytorch_model.bin").write_bytes(b"x")
    with pytest.raises(WeightsInvalid, match="pickled"):
        backbones.build(f"file:{folder}", tmp_path)


@pytest.mark.model
def test_a_model_that_is_no_backbone_is_refused(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    config = transformers.LlamaConfig(
        vocab_size=32,
        hidden_size=8,
        intermediate_size=8,
        num_hidden_layers=1,
        num_attention_heads=1,
    )
    transformers.LlamaForCausalLM(config).save_pretrained(tmp_path / "words")
    with pytest.raises(WeightsInvalid, match="llama is no backbone"):
        backbones.build(f"file:{tmp_path / 'words'}", tmp_path, 1)


@pytest.mark.model
def test_a_vision_transformer_serves(tmp_path: Path) -> None:
    """In the shape of DINOv2: twelve layers, of which the sixth and the ninth are taken, patches of 14."""
    transformers = pytest.importorskip("transformers")
    config = transformers.Dinov2Config(
        hidden_size=16, num_hidden_layers=12, num_attention_heads=2, mlp_ratio=2, image_size=28
    )
    transformers.Dinov2Backbone(config).save_pretrained(tmp_path / "tiny")
    backbone = backbones.build(f"file:{tmp_path / 'tiny'}", tmp_path, 1)
    assert "stage6+stage9" in backbone.identity
    assert backbone.see(surface(1), 64).patches.shape == (4, 4, 32)


def residual(folder: Path, *, deep: bool, wide: int = 1, groups: int = 1) -> Weights:
    """Random weights of a residual network in the shape of timm's, written as timm writes them."""
    torch = pytest.importorskip("torch")
    draw = torch.Generator().manual_seed(0)
    made: Weights = {}

    def layer(conv: str, norm: str, *shape: int) -> None:
        made[f"{conv}.weight"] = torch.randn(shape, generator=draw) / np.prod(shape[1:]) ** 0.5
        for name in ("weight", "running_var"):
            made[f"{norm}.{name}"] = torch.rand(shape[0], generator=draw) + 0.5
        for name in ("bias", "running_mean"):
            made[f"{norm}.{name}"] = torch.randn(shape[0], generator=draw) / 4
        made[f"{norm}.num_batches_tracked"] = torch.tensor(3)

    layer("conv1", "bn1", 8, 3, 7, 7)
    given = 8
    for stage, width in enumerate((8, 12, 16, 20), 1):
        for number in range(2):
            at, inner, out = f"layer{stage}.{number}", width * wide, width * (4 if deep else 1)
            shapes = [(inner, given, 1), (inner, inner // groups, 3), (out, inner, 1)]
            for step, (to, of, side) in enumerate(
                shapes if deep else [(out, given, 3), (out, out, 3)], 1
            ):
                layer(f"{at}.conv{step}", f"{at}.bn{step}", to, of, side, side)
            if number == 0 and (stage > 1 or deep):
                layer(f"{at}.downsample.0", f"{at}.downsample.1", out, given, 1, 1)
            given = out
    made["fc.weight"] = torch.randn((10, given), generator=draw)
    folder.mkdir()
    config = {"architecture": "tiny", "pretrained_cfg": {"mean": [0.5] * 3, "std": [0.25] * 3}}
    (folder / "config.json").write_text(json.dumps(config))
    pytest.importorskip("safetensors.torch").save_file(made, folder / "model.safetensors")
    return made


def plain_stages(weights: Weights, pixels: Any, groups: int) -> list[Any]:
    """Second and third stage, one torch operation after the other, as torchvision has them."""
    f = pytest.importorskip("torch").nn.functional

    def conv(x: Any, conv: str, norm: str, stride: int, groups: int = 1) -> Any:
        kernel = weights[f"{conv}.weight"]
        x = f.conv2d(x, kernel, stride=stride, padding=kernel.shape[2] // 2, groups=groups)
        norms = [
            weights[f"{norm}.{name}"] for name in ("running_mean", "running_var", "weight", "bias")
        ]
        return f.batch_norm(x, *norms)

    x = f.max_pool2d(f.relu(conv(pixels, "conv1", "bn1", 2)), 3, 2, 1)
    found = []
    for stage in (1, 2, 3):
        for number in range(2):
            at, stride = f"layer{stage}.{number}", 2 if stage > 1 and number == 0 else 1
            deep = f"{at}.conv3.weight" in weights
            first = conv(x, f"{at}.conv1", f"{at}.bn1", 1 if deep else stride)
            y = conv(
                f.relu(first), f"{at}.conv2", f"{at}.bn2", stride if deep else 1,
                groups if deep else 1,
            )  # fmt: skip
            if deep:
                y = conv(f.relu(y), f"{at}.conv3", f"{at}.bn3", 1)
            if f"{at}.downsample.0.weight" in weights:
                x = conv(x, f"{at}.downsample.0", f"{at}.downsample.1", stride)
            x = f.relu(x + y)
        found.append(x)
    return found[1:]


@pytest.mark.model
@pytest.mark.parametrize(
    "shape",
    [{"deep": True, "wide": 2}, {"deep": True, "groups": 4}, {"deep": False}],
    ids=["wide_resnet50_2", "resnext50_32x4d", "resnet18"],
)
def test_a_residual_network_of_timm_gives_what_torch_gives(
    tmp_path: Path, shape: dict[str, Any]
) -> None:
    torch = pytest.importorskip("torch")
    weights = residual(tmp_path / "tiny", **shape)
    backbone = backbones.build(f"file:{tmp_path / 'tiny'}", tmp_path, 1)
    assert "layer2+layer3" in backbone.identity
    picture = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    pixels = torch.from_numpy((picture / np.float32(255) - 0.5) / 0.25).permute(2, 0, 1)[None]
    expected = plain_stages(weights, pixels, shape.get("groups", 1))
    found = backbone.see(picture, 64).patches
    assert found.shape[:2] == (8, 8)
    plain = patch_features([maps.numpy() for maps in expected])[0]
    np.testing.assert_allclose(found, plain, rtol=1e-3, atol=1e-3)


@pytest.mark.model
def test_a_network_of_timm_that_is_no_residual_one_is_refused(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    folder = tmp_path / "vit"
    folder.mkdir()
    (folder / "config.json").write_text('{"architecture": "vit_tiny"}')
    save = pytest.importorskip("safetensors.torch").save_file
    save({"blocks.0.attn.qkv.weight": torch.zeros(3)}, folder / "model.safetensors")
    with pytest.raises(WeightsInvalid, match=r"blocks\.0\.attn\.qkv\.weight is no part"):
        backbones.build(f"file:{folder}", tmp_path)
