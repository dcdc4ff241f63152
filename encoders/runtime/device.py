"""Choice of device, number type, batch size and threads for a model, with reasons.

`machine()` reads what this process may use; `choose()` is a pure function of that and of the
model's size, so that a choice can be explained and tested without the hardware it is about.
"""

from __future__ import annotations

import math
import os
from importlib.util import find_spec
from typing import Literal

import msgspec

from encoders.errors import EncoderError, EncoderUnfit
from encoders.runtime.limits import cpu_quota, has_int8, memory

Dtype = Literal["float32", "bfloat16", "float16"]
# What may be asked for: a type, weights in 8 or 4 bits, or whatever memory allows.
Format = Literal["auto", "float32", "bfloat16", "float16", "int8", "int4"]
_BITS: dict[Format, int] = {"int8": 8, "int4": 4}
_BYTES: dict[Dtype, int] = {"float32": 4, "bfloat16": 2, "float16": 2}

GIB = 1024**3
# The rest is for the allocator's fragments, the library's own buffers and other processes.
USABLE = 0.8
_MOST_ROWS = {"cpu": 16, "cuda": 256}
# Tokenizing and picture preparation beside an accelerator gain nothing from more.
_THREADS_BESIDE_GPU = 4


class ModelTooLarge(EncoderError):
    """The model does not fit into this machine's memory."""


class Gpu(msgspec.Struct, frozen=True, kw_only=True):
    """One accelerator; memory in bytes."""

    index: int
    name: str
    total: int
    free: int
    bfloat16: bool


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """Resources that this process may use; memory in bytes.

    Attributes:
        cores: Processors it may run on, by affinity and by the container's quota.
        total: Memory it may ever have: the machine's or the container's limit.
        free: Memory it could have now.
        int8: Whether the processor multiplies 8-bit integers in one instruction.
        gpus: Accelerators torch can use; empty without torch.
        notes: Which limit decided.
    """

    cores: int
    total: int
    free: int
    int8: bool = False
    gpus: tuple[Gpu, ...] = ()
    notes: tuple[str, ...] = ()


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Device, number type, batch size and threads for a model, with reasons.

    Attributes:
        device: As torch names it: `cpu`, `cuda:0`.
        dtype: Number type of weights and activations.
        rows: Most rows of one batch; `shrink` halves it where it was too many.
        threads: Threads of the matrix operations, or of the preparation beside an accelerator.
        reasons: Why, one line per decision.
        bits: Weights are kept in so many, 8 or 4, and computed with in `dtype`; 0: in `dtype`.
    """

    device: str
    dtype: Dtype
    rows: int
    threads: int
    reasons: tuple[str, ...]
    bits: int = 0


def machine(*, gpus: bool = True) -> Machine:
    """Read the resources that this process may use.

    Args:
        gpus: Whether to ask torch for accelerators: its import takes seconds.
    """
    seen = os.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else seen
    quota = cpu_quota() or math.inf
    cores = max(1, min(allowed, math.ceil(min(quota, seen))))
    total, free, limit = memory()
    limited = "" if quota == math.inf else f", container quota {quota:g}"
    return Machine(
        cores=cores,
        total=total,
        free=free,
        int8=has_int8(),
        gpus=_gpus() if gpus else (),
        notes=(
            f"{cores} cores: the machine has {seen}, this process may use {allowed}{limited}",
            f"{total / GIB:.1f} GiB memory ({limit}), {free / GIB:.1f} GiB of it free",
        ),
    )


def cores() -> int:
    """Number of processors this process may use; the meaning of a thread count of None."""
    return machine(gpus=False).cores


def choose(
    on: Machine,
    *,
    parameters: int,
    row_bytes: int = GIB // 16,
    device: str | None = None,
    asked: Format = "auto",
) -> Choice:
    """Decide how to run a model of that size.

    The first accelerator with room for the weights in 16 bits takes it, the one with most free
    memory first; else the processor, in float32 where that fits. A number format that is asked for
    is kept to, wherever it fits.

    Args:
        on: The machine.
        parameters: Number of weights.
        row_bytes: Memory of the activations of one row of the longest input, in float32.
        device: `cpu` or `cuda:N` to have that one; None to have the best.
        asked: Number format.

    Raises:
        ModelTooLarge: If the weights do not fit into the memory there is, in 16 bits or as asked.
        EncoderUnfit: If there is no such device, or no device here computes in that format.
    """
    refused: list[str] = []
    bits = _BITS.get(asked, 0)
    for gpu in _candidates(on, device):
        dtype = _gpu_type(gpu, asked)
        need = parameters * (bits or 8 * _BYTES[dtype]) // 8
        row = row_bytes * _BYTES[dtype] // 4
        if need + row <= gpu.free * USABLE:
            return _on_gpu(on, gpu, dtype, need, row, bits)
        refused.append(f"not cuda:{gpu.index}: {_short(need, gpu.free)}")
    if device not in (None, "cpu") or (bits and refused):
        raise ModelTooLarge(f"{device or asked}: {'; '.join(refused)}.")
    if bits or asked == "float16":
        raise EncoderUnfit(
            f"{asked} needs an accelerator that torch can use (CUDA), and there is none here.",
            "leave the option out, or take a smaller model: processors compute in float32 or bfloat16",
        )
    if not on.gpus:
        refused.append("no accelerator that torch can use")
    return _on_cpu(on, parameters, row_bytes, tuple(refused), asked)


def _gpu_type(gpu: Gpu, asked: Format) -> Dtype:
    if asked == "float32" or asked == "float16" or asked == "bfloat16":
        return asked
    return "bfloat16" if gpu.bfloat16 else "float16"


def _candidates(on: Machine, device: str | None) -> list[Gpu]:
    if device is None:
        return sorted(on.gpus, key=lambda gpu: -gpu.free)
    named = {f"cuda:{gpu.index}": gpu for gpu in on.gpus}
    if device != "cpu" and device not in named:
        raise EncoderUnfit(
            f"There is no device {device!r} here.", f"there are {', '.join(['cpu', *named])}"
        )
    return [named[device]] if device in named else []


def _on_gpu(on: Machine, gpu: Gpu, dtype: Dtype, need: int, row_bytes: int, bits: int) -> Choice:
    rows = _rows(gpu.free * USABLE - need, row_bytes, "cuda")
    why = "the GPU computes it" if gpu.bfloat16 else "the GPU has no bfloat16"
    threads = min(on.cores, _THREADS_BESIDE_GPU)
    reasons = [
        f"cuda:{gpu.index}: {gpu.name}, {need / GIB:.1f} GiB of weights"
        f" in {gpu.free / GIB:.1f} GiB free",
        "float32: asked for"
        if dtype == "float32"
        else f"{dtype}: half the memory of float32, and {why}",
        f"{rows} rows: {_why_rows(rows, 'cuda')}",
        f"{threads} threads: for preparation only",
    ]
    if bits:
        reasons.append(f"weights in {bits} bits: asked for")
    return Choice(
        device=f"cuda:{gpu.index}",
        dtype=dtype,
        rows=rows,
        threads=threads,
        reasons=tuple(reasons),
        bits=bits,
    )


def _on_cpu(
    on: Machine, parameters: int, row_bytes: int, refused: tuple[str, ...], asked: Format
) -> Choice:
    dtype, why = _cpu_type(on, parameters, asked)
    need = _BYTES[dtype] * parameters
    if need > on.total * USABLE:
        raise ModelTooLarge(f"In {dtype} {_short(need, on.total)}.")
    rows = _rows(on.free * USABLE - need, row_bytes * _BYTES[dtype] // 4, "cpu")
    reasons = [
        f"cpu: {'; '.join(refused) or 'asked for'}",
        why,
        f"{rows} rows: {_why_rows(rows, 'cpu')}",
        f"{on.cores} threads: one per core this process may use",
    ]
    if need > on.free * USABLE:
        reasons.append(f"careful: {_short(need, on.free)} free now")
    if on.int8:
        reasons.append("this processor has 8-bit instructions: an int8 build of a model is faster")
    return Choice(device="cpu", dtype=dtype, rows=rows, threads=on.cores, reasons=tuple(reasons))


def _cpu_type(on: Machine, parameters: int, asked: Format) -> tuple[Dtype, str]:
    """Number type on the processor, and why."""
    if asked == "float32" or asked == "bfloat16":
        return asked, f"{asked}: asked for"
    need = 4 * parameters
    if need > on.total * USABLE:
        return "bfloat16", f"bfloat16: in float32 {_short(need, on.total)}"
    return "float32", "float32: 16 bits are slower on most processors"


def _rows(room: float, row_bytes: int, kind: Literal["cpu", "cuda"]) -> int:
    """The largest power of two that fits, at least one."""
    fits = max(1, min(_MOST_ROWS[kind], int(room // max(1, row_bytes))))
    return 1 << (fits.bit_length() - 1)


def _why_rows(rows: int, kind: Literal["cpu", "cuda"]) -> str:
    if rows < _MOST_ROWS[kind]:
        return "the remaining memory is sure to hold no more"
    return "larger batches cost memory and gain nothing"


def _short(need: int, have: int) -> str:
    return f"the weights take {need / GIB:.1f} GiB and there are {have / GIB:.1f} GiB"


def _gpus() -> tuple[Gpu, ...]:
    if find_spec("torch") is None:
        return ()
    import torch

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    return tuple(_gpu(index) for index in range(count))


def _gpu(index: int) -> Gpu:
    import torch

    free, total = torch.cuda.mem_get_info(index)
    name = torch.cuda.get_device_name(index)
    # From Ampere on; older ones emulate it slowly.
    bfloat16 = torch.cuda.get_device_capability(index) >= (8, 0)
    return Gpu(index=index, name=name, total=total, free=free, bfloat16=bfloat16)
