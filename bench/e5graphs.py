"""Ways to compute multilingual-e5-small: the project's own, and what ONNX Runtime's tools make of it."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic

from encoders.text.e5 import graph
from encoders.text.e5 import weights as e5_weights
from encoders.text.e5.weights import BLOCK, Weights

DATA = ".data"


def float32(weights: Weights, path: Path) -> None:
    graph.write_graph(weights, path, f"{path.stem}{DATA}", "float32")


def int8(weights: Weights, path: Path) -> None:
    """A scale per token, and per output of each matrix: the project's."""
    graph.write_graph(weights, path, f"{path.stem}{DATA}", "int8")


def int8_batch(weights: Weights, path: Path) -> None:
    """A scale per batch, and per output of each matrix: dynamic quantisation as ONNX Runtime does it."""
    _quantised(weights, path, keep="nothing")


def int8_batch_ffn(weights: Weights, path: Path) -> None:
    """The same, the second matrix of the feed-forward part left in float32."""
    _quantised(weights, path, keep=".fo.w")


def q4(weights: Weights, path: Path) -> None:
    """The 4-bit blocks of the weight file as they are, multiplied block by block."""
    model = _named(weights, path)
    kept = {i.name: i for i in model.graph.initializer}
    nodes = []
    for node in model.graph.node:
        name = node.input[1] if node.op_type == "MatMul" else ""
        if name not in weights.matrices:
            nodes.append(node)
            continue
        blocks = weights.matrices[name]
        narrow, wide = kept.pop(name).dims
        quants = blocks.quants.reshape(wide, narrow // BLOCK, BLOCK)
        packed = (quants[..., 0::2] | (quants[..., 1::2] << 4)).astype(np.uint8)
        scales = blocks.scales.reshape(wide, narrow // BLOCK)
        for part, value in (("q", packed), ("s", scales)):
            kept[f"{name}.{part}"] = onnx.numpy_helper.from_array(value, f"{name}.{part}")
        inputs = [node.input[0], f"{name}.q", f"{name}.s"]
        shape = {"K": narrow, "N": wide, "bits": 4, "block_size": BLOCK, "accuracy_level": 4}
        nodes.append(
            onnx.helper.make_node(
                "MatMulNBits", inputs, node.output, domain="com.microsoft", **shape
            )
        )
    del model.graph.node[:], model.graph.initializer[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.extend(kept.values())
    onnx.save(model, path)


def _named(weights: Weights, path: Path) -> Any:
    """The float32 graph in memory, its nodes named, for tools that go by names."""
    source = path.with_suffix(".float32.onnx")
    float32(weights, source)
    model = onnx.load(source)
    for leftover in (source, source.with_name(f"{source.stem}{DATA}")):
        leftover.unlink()
    for number, node in enumerate(model.graph.node):
        node.name = f"{node.op_type}_{number}"
    return model


def _quantised(weights: Weights, path: Path, keep: str) -> None:
    logging.disable(logging.WARNING)  # advice about preparing graphs that came from training
    model = _named(weights, path)
    left = [n.name for n in model.graph.node if any(keep in name for name in n.input)]
    quantize_dynamic(
        model,
        path,
        weight_type=QuantType.QInt8,
        per_channel=True,
        nodes_to_exclude=left,
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )
    logging.disable(logging.NOTSET)


WRITERS: dict[str, Callable[[Weights, Path], None]] = {
    "float32": float32,
    "int8": int8,
    "int8-batch": int8_batch,
    "int8-batch-ffn": int8_batch_ffn,
    "q4": q4,
}


def written(name: str, folder: Path) -> Path:
    """The graph of a variant, written on first use."""
    path = folder / f"{name}.onnx"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        fresh = folder / f"{name}.fresh.onnx"
        WRITERS[name](e5_weights.read(), fresh)
        fresh.rename(path)
    return path


def files(path: Path) -> list[Path]:
    """The files of a graph."""
    return [path, *path.parent.glob(f"{path.stem}.fresh{DATA}")]


def megabytes(path: Path) -> float:
    return sum(file.stat().st_size for file in files(path)) / 1e6


def digest(path: Path) -> str:
    """Tells graphs apart that were written under the same name."""
    found = hashlib.blake2b(digest_size=12)
    for file in files(path):
        found.update(file.read_bytes())
    return found.hexdigest()
