"""Quantisation of a graph to 8 bits: matrices in blocks, the table of words by rows.

Each block of 32 numbers of a matrix has its own scale, and so has each block of a token's activations,
inside the operator `MatMulNBits` of ONNX Runtime. So the vector of a text does not depend on the texts
that are encoded with it, which it would with one scale for a batch, as dynamic quantisation takes it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from encoders.runtime.optional import require

_BLOCK = 32
_ZERO = 128
_TOP = 127
_DOMAIN = "com.microsoft"
# Products are of 8-bit integers; without it the operator expands the matrix to float32.
_INTEGERS = 4
# Smaller tables, of positions or types, are not worth it.
_TABLE_ROWS = 1024


def quantise(model: Any) -> Any:
    """Replace the matrices and the table of words of a model by 8-bit ones, in place; returns it."""
    helper = require("onnx.numpy_helper")
    weights = {one.name: one for one in model.graph.initializer}
    made: dict[str, Any] = {}
    nodes: list[Any] = []
    for node in model.graph.node:
        array = None
        if node.op_type in ("MatMul", "Gather"):
            given = node.input[1 if node.op_type == "MatMul" else 0]
            array = helper.to_array(weights[given]) if given in weights else None
        nodes += _replaced(node, array, made)
    _replace(model.graph.node, nodes)
    used = {name for node in nodes for name in node.input}
    kept = [one for one in model.graph.initializer if one.name in used]
    kept += [helper.from_array(array, name) for name, array in made.items()]
    _replace(model.graph.initializer, kept)
    model.opset_import.append(require("onnx").helper.make_opsetid(_DOMAIN, 1))
    return model


def _replaced(node: Any, array: NDArray[Any] | None, made: dict[str, Any]) -> list[Any]:
    """The nodes in the place of one; new constants go into `made`."""
    if array is None or array.ndim != 2 or array.dtype != np.float32:
        return [node]
    if node.op_type == "MatMul":
        return [_product(node, array, made)]
    if len(array) >= _TABLE_ROWS and not any(a.name == "axis" and a.i for a in node.attribute):
        return _rows(node, array, made)
    return [node]


def _product(node: Any, matrix: NDArray[np.float32], made: dict[str, Any]) -> Any:
    name = f"{node.input[1]}.q"
    long, wide = matrix.shape
    blocks = -(-long // _BLOCK)
    padded = np.zeros((wide, blocks * _BLOCK), dtype=np.float32)
    padded[:, :long] = matrix.T
    parts = padded.reshape(wide, blocks, _BLOCK)
    scales = np.maximum(np.abs(parts).max(axis=2) / _TOP, np.finfo(np.float32).tiny)
    rounded = np.rint(parts / scales[..., np.newaxis]) + _ZERO
    made[name] = rounded.astype(np.uint8)
    made[f"{name}.s"] = scales.reshape(-1).astype(np.float32)
    return require("onnx").helper.make_node(
        "MatMulNBits",
        [node.input[0], name, f"{name}.s"],
        list(node.output),
        name=node.name,
        domain=_DOMAIN,
        K=long,
        N=wide,
        bits=8,
        block_size=_BLOCK,
        accuracy_level=_INTEGERS,
    )


def _rows(node: Any, table: NDArray[np.float32], made: dict[str, Any]) -> list[Any]:
    """Rows of 8-bit numbers, made floats again where they are looked up."""
    name, out = f"{node.input[0]}.q", node.output[0]
    scales = np.maximum(np.abs(table).max(axis=1, keepdims=True) / _TOP, np.finfo(np.float32).tiny)
    made[name] = np.rint(table / scales).astype(np.int8)
    made[f"{name}.s"] = scales.astype(np.float32)
    onnx = require("onnx")
    make = onnx.helper.make_node
    return [
        make("Gather", [name, node.input[1]], [f"{out}.i"], axis=0),
        make("Cast", [f"{out}.i"], [f"{out}.f"], to=onnx.TensorProto.FLOAT),
        make("Gather", [f"{name}.s", node.input[1]], [f"{out}.s"], axis=0),
        make("Mul", [f"{out}.f", f"{out}.s"], [out]),
    ]


def _replace(field: Any, values: list[Any]) -> None:
    copies = [type(value).FromString(value.SerializeToString()) for value in values]
    del field[:]
    field.extend(copies)
