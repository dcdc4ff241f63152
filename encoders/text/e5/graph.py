"""ONNX graph of multilingual-e5-small, written from its weights.

A BERT encoder: embeddings, post-norm transformer layers, mean over real tokens, L2 norm. The word
table, most of the model, stays in its 4-bit blocks and is expanded row by row (bit-exact). The
matrices of the layers are expanded to float32, or to integers for about twice the speed.

Integers here depend on one token at a time: each row of activations has its own scale. The usual
dynamic quantisation takes one scale for the whole batch, so the vector of a text would depend on
the texts that happen to be encoded with it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from encoders.runtime.onnx_graph import GraphBuilder
from encoders.runtime.optional import require
from encoders.text.e5.weights import BLOCK, Weights

Layers = Literal["float32", "int8"]

INPUT_IDS = "input_ids"
ATTENTION_MASK = "attention_mask"
EMBEDDING = "embedding"

_MICROSOFT = "com.microsoft"
# Added to attention scores of padding: softmax gives them exactly zero in float32.
_MASKED = np.float32(-1e9)
# Weights use 7 of their 8 bits: processors without VNNI add two products in 16 bits, which 255 * 127
# twice would overflow, silently. So all processors compute the same integers.
_WEIGHT_TOP = np.float32(63)
# Activations become unsigned (zero is 128), because that is the product processors are fast at.
_ACTIVATION_TOP = np.float32(127)
_ACTIVATION_ZERO = np.uint8(128)
# The values of attention are a twelfth of the multiplications and half of what rounding would cost.
_KEPT_WHOLE = ".v"
# Smaller tensors stay in the graph file; the rest goes to the data file, which is memory-mapped.
_EXTERNAL_FROM_BYTES = 1024


def write_graph(weights: Weights, path: Path, data_name: str, layers: Layers) -> None:
    """Write the graph to `path` and its large tensors to `data_name` beside it.

    `layers` says in which numbers the layers multiply.

    Inputs of the graph: `input_ids` and `attention_mask`, int64 of shape (batch, sequence); the
    mask is 1 for tokens and 0 for padding. Output: `embedding`, float32 of shape (batch, hidden),
    rows L2-normalised.

    Raises:
        EncoderNotInstalled: If the onnx package is absent.
    """
    graph = _BertGraph(weights, layers)
    mask = graph.node("Cast", [ATTENTION_MASK], to=graph.types.FLOAT)
    hidden = _embed(graph)
    bias = _attention_bias(graph, mask)
    for layer in range(weights.sizes.layers):
        hidden = _layer(graph, f"l{layer}", hidden, bias)
    _pool(graph, hidden, mask)
    tokens = (graph.types.INT64, ["batch", "sequence"])
    model = graph.model(
        "e5",
        inputs={INPUT_IDS: tokens, ATTENTION_MASK: tokens},
        outputs={EMBEDDING: ["batch", weights.sizes.hidden]},
        domains=[_MICROSOFT],
    )
    require("onnx").save_model(
        model,
        str(path),
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location=data_name,
        size_threshold=_EXTERNAL_FROM_BYTES,
    )


class _BertGraph(GraphBuilder):
    """Builder with the operations of a BERT layer."""

    def __init__(self, weights: Weights, layers: Layers) -> None:
        super().__init__()
        self.weights = weights
        self._layers = layers
        self._rows: dict[str, tuple[str, str]] = {}

    def floats(self, name: str) -> str:
        return self.constant(name, self.weights.floats[name])

    def linear(self, hidden: str, name: str, wide: int, narrow: int) -> str:
        """Linear layer: product with the stored (wide, narrow) matrix, transposed, plus bias."""
        matrix = self.weights.matrices[f"{name}.w"].dequantised().reshape(wide, narrow)
        if self._layers == "int8" and not name.endswith(_KEPT_WHOLE):
            product = self._integer_product(hidden, name, matrix)
        else:
            product = self.node("MatMul", [hidden, self.constant(f"{name}.w", matrix.T)])
        return self.node("Add", [product, self.floats(f"{name}.b")])

    def _integer_product(self, hidden: str, name: str, matrix: NDArray[np.float32]) -> str:
        """Multiplies rounded rows by the rounded, transposed matrix; one scale per output."""
        scales = np.abs(matrix).max(axis=1) / _WEIGHT_TOP
        rounded = np.rint(matrix / scales[:, np.newaxis]).astype(np.int8)
        rows, row_scales = self._rounded_rows(hidden)
        zero = self.constant("activation_zero", _ACTIVATION_ZERO)
        inputs = [rows, self.constant(f"{name}.w", rounded.T), zero]
        product = self.node("Cast", [self.node("MatMulInteger", inputs)], to=self.types.FLOAT)
        # Two steps, because ONNX Runtime would fuse a multiplication by the product of both scales
        # into an operator that applies the first row's scale to all rows.
        product = self.node("Mul", [product, self.constant(f"{name}.s", scales)])
        return self.node("Mul", [product, row_scales])

    def _rounded_rows(self, hidden: str) -> tuple[str, str]:
        """Activations as uint8 around `_ACTIVATION_ZERO` and the scale of each row, once per tensor."""
        if hidden not in self._rows:
            last = self.constant("axis_last", [-1])
            largest = self.node("ReduceMax", [self.node("Abs", [hidden]), last], keepdims=1)
            step = self.constant("activation_step", np.float32(1) / _ACTIVATION_TOP)
            scales = self.node("Mul", [largest, step])
            whole = self.node("Round", [self.node("Div", [hidden, scales])])
            zero = self.constant("activation_offset", np.float32(_ACTIVATION_ZERO))
            shifted = self.node("Add", [whole, zero])
            rows = self.node("Cast", [shifted], to=self.types.UINT8)
            self._rows[hidden] = rows, scales
        return self._rows[hidden]

    def norm(self, hidden: str, name: str) -> str:
        inputs = [hidden, self.floats(f"{name}.w"), self.floats(f"{name}.b")]
        return self.node("LayerNormalization", inputs, axis=-1, epsilon=self.weights.epsilon)


def _embed(graph: _BertGraph) -> str:
    """Word plus position plus type embedding, normalised; (batch, sequence, hidden)."""
    sizes = graph.weights.sizes
    words = graph.weights.words
    pairs = words.quants.reshape(sizes.vocabulary, sizes.hidden // 2, 2)
    packed = (pairs[..., 0] | (pairs[..., 1] << 4)).astype(np.uint8)
    scales = words.scales.reshape(sizes.vocabulary, sizes.hidden // BLOCK)
    word = graph.node(
        "GatherBlockQuantized",
        [graph.constant("emb.word.q", packed), INPUT_IDS, graph.constant("emb.word.s", scales)],
        bits=4,
        block_size=BLOCK,
        gather_axis=0,
        quantize_axis=1,
        domain=_MICROSOFT,
    )
    floats = graph.weights.floats
    # Every token has type 0, so that row can be added to the positions once and for all.
    first_type = floats["emb.type"].reshape(-1, sizes.hidden)[0]
    positions = graph.constant("emb.pos", floats["emb.pos"].reshape(-1, sizes.hidden) + first_type)
    length = graph.node("Shape", [INPUT_IDS], start=1, end=2)
    zero = graph.constant("zero", [0])
    position = graph.node("Slice", [positions, zero, length, zero])
    return graph.norm(graph.node("Add", [word, position]), "emb.ln")


def _attention_bias(graph: _BertGraph, mask: str) -> str:
    """Attention bias: 0 for tokens, a huge negative for padding; (batch, 1, 1, sequence)."""
    absent = graph.node("Sub", [graph.constant("one", np.float32(1)), mask])
    bias = graph.node("Mul", [absent, graph.constant("masked", _MASKED)])
    return graph.node("Unsqueeze", [bias, graph.constant("axes_1_2", [1, 2])])


def _layer(graph: _BertGraph, name: str, hidden: str, bias: str) -> str:
    sizes = graph.weights.sizes
    attended = _attention(graph, name, hidden, bias)
    projected = graph.linear(attended, f"{name}.ao", sizes.hidden, sizes.hidden)
    hidden = graph.norm(graph.node("Add", [hidden, projected]), f"{name}.aln")
    inner = graph.linear(hidden, f"{name}.fi", sizes.feed_forward, sizes.hidden)
    active = graph.node("Gelu", [inner])
    outer = graph.linear(active, f"{name}.fo", sizes.hidden, sizes.feed_forward)
    return graph.norm(graph.node("Add", [hidden, outer]), f"{name}.oln")


def _attention(graph: _BertGraph, name: str, hidden: str, bias: str) -> str:
    sizes = graph.weights.sizes
    width = sizes.hidden // sizes.heads

    def heads(part: str, order: list[int]) -> str:
        projected = graph.linear(hidden, f"{name}.{part}", sizes.hidden, sizes.hidden)
        shape = graph.constant("head_shape", [0, 0, sizes.heads, width])
        return graph.node("Transpose", [graph.node("Reshape", [projected, shape])], perm=order)

    scale = graph.constant("scale", np.float32(width**-0.5))
    query = graph.node("Mul", [heads("q", [0, 2, 1, 3]), scale])
    scores = graph.node("MatMul", [query, heads("k", [0, 2, 3, 1])])
    shares = graph.node("Softmax", [graph.node("Add", [scores, bias])], axis=-1)
    mixed = graph.node("MatMul", [shares, heads("v", [0, 2, 1, 3])])
    joined = graph.node("Transpose", [mixed], perm=[0, 2, 1, 3])
    return graph.node("Reshape", [joined, graph.constant("joined_shape", [0, 0, sizes.hidden])])


def _pool(graph: _BertGraph, hidden: str, mask: str) -> str:
    """Mean of the real tokens, scaled to length one; (batch, hidden)."""
    axis = graph.constant("axis_1", [1])
    column = graph.node("Unsqueeze", [mask, graph.constant("axis_2", [2])])
    total = graph.node("ReduceSum", [graph.node("Mul", [hidden, column]), axis], keepdims=0)
    tokens = graph.node("ReduceSum", [mask, axis], keepdims=1)
    mean = graph.node("Div", [total, tokens])
    return graph.node("LpNormalization", [mean], axis=-1, p=2, output=EMBEDDING)
