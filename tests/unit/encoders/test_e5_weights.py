from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest

from encoders.errors import WeightsInvalid
from encoders.text.e5.weights import parse, read

if TYPE_CHECKING:
    from pathlib import Path


def tiny_file() -> bytes:
    """Make a weight file with four pieces, one bias and one matrix of two blocks."""
    pieces = [b"<s>", b"<pad>", b"\xea\xb0\x80", b"a"]
    bounds = np.cumsum([0, *map(len, pieces)]).astype("<u4").tobytes()
    scores = np.array([0, 0, -1.5, -2], "<f4").tobytes()
    nibbles = bytes(
        low | (high << 4) for low, high in zip(range(16), range(15, -1, -1), strict=True)
    )
    block = struct.pack("<e", 0.5) + nibbles
    bias = np.array([1, 2], "<f4").tobytes()
    head = b"E5S1" + bytes(4) + struct.pack("<7if", 32, 1, 2, 64, 2, 512, 2, 1e-12)
    head += struct.pack("<6iQ", 32, len(pieces), 0, 2, 1, 3, sum(map(len, pieces)))
    head += bounds + scores + b"".join(pieces) + struct.pack("<iI", 1, 3) + b"xyz"
    entries = [(b"b", 0, 2, bias), (b"w", 1, 64, block + block)]
    start = len(head) + 4 + sum(2 + len(name) + 21 for name, *_ in entries)
    directory = struct.pack("<i", len(entries))
    for name, tag, count, raw in entries:
        directory += struct.pack("<H", len(name)) + name
        directory += struct.pack("<BIQQ", tag, count, start, len(raw))
        start += len(raw)
    return head + directory + bias + block + block


def test_a_small_file_is_read_exactly() -> None:
    weights = parse(tiny_file())
    assert weights.sizes == (32, 1, 2, 64, 2, 512, 2)
    assert weights.vocabulary.pieces == [("<s>", 0), ("<pad>", 0), ("가", -1.5), ("a", -2)]
    assert weights.vocabulary[1:] == (0, 2, 1, 3)
    np.testing.assert_array_equal(weights.floats["b"], [1, 2])
    block = [(q - 8) * 0.5 for q in [*range(16), *range(15, -1, -1)]]
    np.testing.assert_array_equal(weights.matrices["w"].dequantised(), block * 2)


def test_other_bytes_are_refused() -> None:
    with pytest.raises(ValueError, match="E5S1"):
        parse(b"GGUF")


def test_another_file_than_the_revision_means_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "e5-small-q4.bin"
    path.write_bytes(tiny_file())
    with pytest.raises(WeightsInvalid, match=r"e5-small-q4\.bin: sha256 is .* expected 1571fc"):
        read(path)


def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsInvalid, match="No such file"):
        read(tmp_path / "absent.bin")


def test_the_installed_wheel_holds_the_whole_model() -> None:
    weights = read()
    assert weights.sizes == (384, 12, 12, 1536, 250037, 512, 2)
    assert len(weights.vocabulary.pieces) == 250002
    assert len(weights.matrices) == 1 + 12 * 6
