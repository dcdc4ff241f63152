from __future__ import annotations

import logging
import multiprocessing
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from encoders.errors import CacheNotWritable
from encoders.runtime.cache import MANIFEST, ensure, fault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DAMAGE: dict[str, Callable[[Path], object]] = {
    "changed byte": lambda folder: (folder / "weights").write_bytes(b"x" * 999 + b"y"),
    "cut short": lambda folder: (folder / "weights").write_bytes(b"x" * 10),
    "file lost": lambda folder: (folder / "weights").unlink(),
    "manifest lost": lambda folder: (folder / MANIFEST).unlink(),
    "manifest cut": lambda folder: (folder / MANIFEST).write_bytes(b'{"files":'),
    "manifest binary": lambda folder: (folder / MANIFEST).write_bytes(b"\xff\x00"),
    "manifest of something else": lambda folder: (folder / MANIFEST).write_bytes(b"[]"),
    "manifest empty": lambda folder: (folder / MANIFEST).write_bytes(b'{"files":{}}'),
}


def build(folder: Path) -> None:
    (folder / "weights").write_bytes(b"x" * 1000)


def never(folder: Path) -> None:
    raise AssertionError(f"built {folder} again")


def slow_build(folder: Path) -> None:
    """Leaves a line per build outside the model folder."""
    build(folder)
    time.sleep(0.3)
    with (folder.parents[1] / "builds.log").open("a") as log:
        log.write("built\n")


def ensure_after(start: float, folder: Path) -> None:
    time.sleep(max(0.0, start - time.time()))
    ensure(folder, slow_build)


def test_a_model_is_built_once(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "cache" / "model"
    assert ensure(folder, build) == folder
    assert fault(folder) is None
    assert ensure(folder, never) == folder


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_model_is_reported_and_rebuilt(
    damage: Callable[[Path], object], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = ensure(tmp_path / "model", build)
    damage(folder)
    assert fault(folder) is not None
    with caplog.at_level(logging.WARNING):
        ensure(folder, build)
    assert "damaged" in caplog.text
    assert str(folder) in caplog.text
    assert fault(folder) is None
    assert (folder / "weights").read_bytes() == b"x" * 1000


def test_a_first_build_is_not_reported_as_damage(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ensure(tmp_path / "model", build)
    assert caplog.text == ""


def test_two_processes_end_with_one_good_model(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    spawn = multiprocessing.get_context("spawn")
    start = time.time() + 2.0  # both must have imported their modules by then
    both = [spawn.Process(target=ensure_after, args=(start, folder)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join(timeout=60)
    assert [process.exitcode for process in both] == [0, 0]
    assert fault(folder) is None
    assert (tmp_path / "builds.log").read_text() == "built\n"


def test_threads_end_with_one_good_model(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: ensure(folder, slow_build), range(4)))
    assert fault(folder) is None
    assert (tmp_path / "builds.log").read_text() == "built\n"


def test_a_failed_build_leaves_no_model(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        build(folder)
        raise RuntimeError("stopped half way")

    with pytest.raises(RuntimeError, match="half way"):
        ensure(tmp_path / "model", fail)
    assert not any(path.is_dir() for path in tmp_path.iterdir())


def test_what_a_killed_build_left_is_removed(tmp_path: Path) -> None:
    leftover = tmp_path / ".model.building-abc"
    leftover.mkdir()
    (leftover / "weights").write_bytes(b"half")
    other = tmp_path / ".model-2.building-abc"
    other.mkdir()
    ensure(tmp_path / "model", build)
    assert not leftover.exists()
    assert other.exists()


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("not a folder")
    with pytest.raises(CacheNotWritable, match=r"file/cache/model"):
        ensure(blocker / "cache" / "model", build)


def test_a_whole_model_is_used_without_writing(tmp_path: Path) -> None:
    folder = ensure(tmp_path / "model", build)
    for lock in tmp_path.glob(".*.lock"):
        lock.unlink()
    ensure(folder, never)
    assert list(tmp_path.iterdir()) == [folder]
