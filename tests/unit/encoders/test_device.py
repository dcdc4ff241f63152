from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoders.runtime import device
from encoders.runtime.batches import is_out_of_memory, shrink
from encoders.runtime.device import (
    GIB,
    Gpu,
    Machine,
    ModelTooLarge,
    choose,
)
from encoders.runtime.limits import cpu_quota, has_int8, memory

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LAPTOP = Machine(cores=8, total=16 * GIB, free=10 * GIB)
CARD = Gpu(index=0, name="A", total=24 * GIB, free=20 * GIB, bfloat16=True)
OLD_CARD = Gpu(index=1, name="B", total=16 * GIB, free=16 * GIB, bfloat16=False)
SERVER = msgspec.structs.replace(LAPTOP, cores=32, total=256 * GIB, gpus=(OLD_CARD, CARD))
BILLION = 10**9

parameters = st.integers(1, 40 * BILLION)
machines = st.builds(
    lambda cores, total, free, gpus: Machine(
        cores=cores, total=total * GIB, free=int(total * GIB * free), gpus=tuple(gpus)
    ),
    st.integers(1, 64),
    st.integers(1, 512),
    st.floats(0, 1),
    st.lists(st.sampled_from([CARD, OLD_CARD]), max_size=2, unique=True),
)


@given(machines, parameters, st.integers(1, GIB))
def test_what_is_chosen_fits_and_says_why(on: Machine, size: int, row: int) -> None:
    try:
        choice = choose(on, parameters=size, row_bytes=row)
    except ModelTooLarge:
        assert 2 * size > 0.8 * on.total
        assert all(2 * size + row // 2 > 0.8 * gpu.free for gpu in on.gpus)
        return
    width = 4 if choice.dtype == "float32" else 2
    if choice.device == "cpu":
        assert width * size <= 0.8 * on.total
        assert choice.threads == on.cores
    else:
        gpu = on.gpus[[f"cuda:{gpu.index}" for gpu in on.gpus].index(choice.device)]
        assert width * size + choice.rows * (row // 2) <= 0.8 * gpu.free + row
        assert choice.dtype == ("bfloat16" if gpu.bfloat16 else "float16")
    assert choice.rows >= 1
    assert choice.rows & (choice.rows - 1) == 0
    assert choice.threads >= 1
    for word in (choice.device, choice.dtype, f"{choice.rows} rows", f"{choice.threads} threads"):
        assert any(word in reason for reason in choice.reasons)


def test_a_processor_takes_a_small_model_in_full_precision() -> None:
    choice = choose(LAPTOP, parameters=118_000_000)
    assert (choice.device, choice.dtype, choice.rows, choice.threads) == ("cpu", "float32", 16, 8)
    assert "no accelerator" in choice.reasons[0]


def test_what_is_too_much_in_full_precision_is_halved() -> None:
    assert choose(LAPTOP, parameters=3 * BILLION).dtype == "float32"
    choice = choose(LAPTOP, parameters=4 * BILLION)
    assert choice.dtype == "bfloat16"
    assert "float32 the weights take 14.9 GiB" in choice.reasons[1]
    with pytest.raises(ModelTooLarge, match=r"In bfloat16 the weights take 14\.9 GiB"):
        choose(LAPTOP, parameters=8 * BILLION)


def test_little_free_memory_means_few_rows_and_a_warning() -> None:
    tight = msgspec.structs.replace(LAPTOP, free=2 * GIB)
    choice = choose(tight, parameters=BILLION)
    assert choice.rows == 1
    assert any("careful" in reason for reason in choice.reasons)


def test_the_accelerator_with_most_room_is_taken() -> None:
    choice = choose(SERVER, parameters=2 * BILLION)
    assert (choice.device, choice.dtype) == ("cuda:0", "bfloat16")
    assert choice.rows == 256
    assert choice.threads == 4
    assert choose(SERVER, parameters=2 * BILLION, device="cuda:1").dtype == "float16"
    assert choose(SERVER, parameters=2 * BILLION, device="cpu").device == "cpu"


def test_a_model_too_large_for_the_accelerators_goes_to_the_processor() -> None:
    choice = choose(SERVER, parameters=14 * BILLION)
    assert choice.device == "cpu"
    assert "not cuda:0: the weights take 26.1 GiB and there are 20.0 GiB" in choice.reasons[0]
    with pytest.raises(ModelTooLarge, match="cuda:0: not cuda:0"):
        choose(SERVER, parameters=14 * BILLION, device="cuda:0")


def test_a_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="no device 'cuda:7' here") as refused:
        choose(SERVER, parameters=1, device="cuda:7")
    assert getattr(refused.value, "hint", "") == "there are cpu, cuda:1, cuda:0"


def test_this_machine_is_read() -> None:
    here = device.machine(gpus=False)
    assert 1 <= here.cores <= (os.cpu_count() or 1)
    assert 0 < here.free <= here.total
    assert len(here.notes) == 2
    assert device.cores() == here.cores


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system has no affinity")
def test_affinity_counts() -> None:
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert device.cores() == 1
    finally:
        os.sched_setaffinity(0, before)


def system(root: Path, files: dict[str, str]) -> Path:
    meminfo = "MemTotal:       16777216 kB\nMemFree: 1 kB\nMemAvailable:    8388608 kB\n"
    for path, text in ({"proc/meminfo": meminfo} | files).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


V1 = "12:cpu,cpuacct:/docker/ab\n4:memory:/docker/ab\n0::/\n"
SYSTEMS = {
    "no groups": ({}, 16, 8, None),
    "version 2, no limit": (
        {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "max\n",
         "sys/fs/cgroup/cpu.max": "max 100000\n"}, 16, 8, None),
    "version 2, container": (
        {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": f"{4 * GIB}\n",
         "sys/fs/cgroup/memory.current": f"{3 * GIB}\n",
         "sys/fs/cgroup/memory.stat": f"anon 5\ninactive_file {GIB}\n",
         "sys/fs/cgroup/cpu.max": "150000 100000\n"}, 4, 2, 1.5),
    "version 2, tightest of nested groups": (
        {"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": f"{6 * GIB}",
         "sys/fs/cgroup/a/memory.max": f"{2 * GIB}", "sys/fs/cgroup/a/b/cpu.max": "400000 100000",
         "sys/fs/cgroup/a/cpu.max": "200000 100000"}, 2, 2, 2),
    "version 1, container": (
        {"proc/self/cgroup": V1, "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{4 * GIB}",
         "sys/fs/cgroup/memory/memory.usage_in_bytes": f"{GIB}",
         "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "50000",
         "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000"}, 4, 3, 0.5),
    "version 1, no limit": (
        {"proc/self/cgroup": V1, "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{2**63 - 4096}",
         "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1",
         "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000"}, 16, 8, None),
}  # fmt: skip


@pytest.mark.parametrize("case", SYSTEMS)
def test_the_limits_of_the_container_count(case: str, tmp_path: Path) -> None:
    files, total, free, quota = SYSTEMS[case]
    root = system(tmp_path, files)
    found_total, found_free, what = memory(root)
    assert (found_total / GIB, found_free / GIB) == (total, free)
    assert what == ("the machine's" if total == 16 else "the container's limit")
    assert cpu_quota(root) == quota


def test_instructions_are_read_off_the_processor(tmp_path: Path) -> None:
    assert not has_int8(tmp_path)
    assert not has_int8(system(tmp_path, {"proc/cpuinfo": "flags\t: fpu avx512f avx512_vnni2\n"}))
    assert has_int8(system(tmp_path, {"proc/cpuinfo": "flags\t: fpu avx512_vnni sse\n"}))
    assert has_int8(system(tmp_path, {"proc/cpuinfo": "Features\t: fp asimd asimddp\n"}))


def too_much(limit: int, calls: list[int]) -> Any:
    """A function that needs real memory beyond any machine's when it gets too many rows."""

    def run(rows: Sequence[int]) -> list[int]:
        calls.append(len(rows))
        if len(rows) > limit:
            np.empty(2**60, np.uint8)
        return [row * 2 for row in rows]

    return run


@given(st.integers(0, 60), st.integers(1, 40), st.integers(1, 40))
def test_every_row_is_run_once_in_order(rows: int, batch: int, limit: int) -> None:
    calls: list[int] = []
    results = list(shrink(too_much(limit, calls), range(rows), batch))
    assert [value for part in results for value in part] == [row * 2 for row in range(rows)]
    failed = [size for size in calls if size > limit]
    assert failed == sorted(failed, reverse=True)
    assert all(size <= limit for size in calls[len(failed) :])


def test_one_row_that_is_too_much_raises() -> None:
    calls: list[int] = []
    with pytest.raises(MemoryError):
        list(shrink(too_much(0, calls), range(8), 8))
    assert calls == [8, 4, 2, 1]


def test_other_errors_are_not_retried() -> None:
    def fail(rows: Sequence[int]) -> None:
        raise ValueError("rows are bad")

    with pytest.raises(ValueError, match="rows are bad"):
        list(shrink(fail, range(8), 8))


@pytest.mark.model
def test_memory_errors_of_libraries_are_known() -> None:
    assert is_out_of_memory(MemoryError())
    assert not is_out_of_memory(RuntimeError("shape mismatch"))
    assert not is_out_of_memory(ValueError("out of memory"))
    torch = pytest.importorskip("torch", reason="its errors are looked at")
    assert is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate"))
    with pytest.raises(RuntimeError) as info:
        torch.empty(2**60, dtype=torch.uint8)
    assert is_out_of_memory(info.value)
