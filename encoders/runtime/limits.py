"""Limits of machine and container: memory, processor time, 8-bit instructions."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_ROOT = Path("/")


def memory(root: Path = _ROOT) -> tuple[int, int, str]:
    """Memory this process may have, in bytes.

    Args:
        root: Where `proc` and `sys` are found.

    Returns:
        The limit, the free part of it, and what sets the limit.
    """
    total, free = _machine_memory(root)
    source = "the machine's"
    for folder in _groups(root, "memory"):
        limit = _number(folder, "memory.max", "memory.limit_in_bytes")
        if limit is None:
            continue
        used = _number(folder, "memory.current", "memory.usage_in_bytes") or 0
        # Cached file pages count as used, though the kernel gives them back on demand.
        free = max(0, min(free, limit - used + _reclaimable(folder)))
        if limit < total:
            total, source = limit, "the container's limit"
    return total, min(free, total), source


def peak_memory() -> int:
    """Most bytes this process ever had in memory."""
    import resource  # absent on Windows, where nothing else here works either

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def cpu_quota(root: Path = _ROOT) -> float | None:
    """Processors' worth of time the container may use, such as 1.5; None without a limit."""
    found = [quota for folder in _groups(root, "cpu") if (quota := _quota(folder)) is not None]
    return min(found, default=None)


def has_int8(root: Path = _ROOT) -> bool:
    """Whether the processor multiplies 8-bit integers in one instruction."""
    flags = _text(root / "proc/cpuinfo").split()
    return not {"avx512_vnni", "avx_vnni", "amx_int8", "asimddp"}.isdisjoint(flags)


def _quota(folder: Path) -> float | None:
    words = _text(folder / "cpu.max").split()
    if not words:
        words = [_text(folder / f"cpu.cfs_{what}_us").strip() for what in ("quota", "period")]
    if len(words) != 2 or not all(word.isdigit() for word in words) or int(words[1]) == 0:
        return None  # `max`, and -1 in version 1, mean no limit
    return int(words[0]) / int(words[1])


def _groups(root: Path, controller: str) -> list[Path]:
    """Folders of this process's control group and of those above it, innermost first."""
    top = root / "sys/fs/cgroup"
    found = []
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if controllers and controller not in controllers.split(","):
            continue
        base = top / controllers if controllers else top
        inside = base / path.lstrip("/")
        found += [folder for folder in (inside, *inside.parents) if folder.is_relative_to(base)]
        # Inside a container the own group is mounted as the root, under a path of the host.
        found.append(top / controller)
    return found


def _machine_memory(root: Path) -> tuple[int, int]:
    values = dict(
        line.split(":", 1) for line in _text(root / "proc/meminfo").splitlines() if ":" in line
    )
    if {"MemTotal", "MemAvailable"} <= values.keys():
        total, free = (int(values[key].split()[0]) * 1024 for key in ("MemTotal", "MemAvailable"))
        return total, free
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return total, total


def _reclaimable(folder: Path) -> int:
    lines = (line.split() for line in _text(folder / "memory.stat").splitlines())
    return sum(int(line[1]) for line in lines if line[:1] == ["inactive_file"])


def _number(folder: Path, *names: str) -> int | None:
    for name in names:
        text = _text(folder / name).strip()
        if text.isdigit():
            return int(text)
    return None


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
