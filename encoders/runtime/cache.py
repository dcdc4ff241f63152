"""Model cache: folders of built models, each checked before use and built again where damaged.

Every model folder holds a `manifest.json` with size and sha256 of its files. Both are checked in
full before each load: about 0.3 s for the 155 MB of multilingual-e5-small, against silently wrong
vectors in a database that keeps them for years.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from encoders.errors import CacheNotWritable
from encoders.runtime import manifest
from encoders.runtime.optional import require
from encoders.spec import EncoderSpec

MANIFEST = manifest.MANIFEST

_log = logging.getLogger(__name__)


def ensure(folder: Path, build: Callable[[Path], None]) -> Path:
    """Return `folder` with a checked model in it, calling `build` if there is none.

    `build` gets an empty folder to fill. The result appears under its name at once, by a rename:
    readers never see half a model. One process builds at a time per model; others wait and use
    its result. A model that fails its check is replaced, with a warning in the log.

    Raises:
        CacheNotWritable: If a model must be built and the cache cannot take it. A whole model in
            a read-only cache is used as it is.
    """
    if fault(folder) is None:
        return folder
    try:
        with locked(folder):
            _build_if_needed(folder, build)
    except OSError as exc:
        raise CacheNotWritable(folder, exc) from exc
    return folder


def built(
    spec: EncoderSpec,
    build_no: int,
    cache_dir: Path,
    build: Callable[[Path], None],
    progress: Callable[[str], None] | None,
) -> Path:
    """`ensure` the folder of an encoder's ONNX model, saying so before a build starts.

    Raises:
        EncoderNotInstalled: If onnxruntime is absent.
        CacheNotWritable: As `ensure`.
    """
    require("onnxruntime")  # before a build that could not be used

    def announced(folder: Path) -> None:
        if progress is not None:
            progress(f"building {spec.name} (once)")
        build(folder)

    return ensure(cache_dir / f"{spec.name}-{spec.revision}-b{build_no}", announced)


def fault(folder: Path) -> str | None:
    """Say what is wrong with the model in this folder; None if it is as its manifest says."""
    return "; ".join(manifest.faults(folder)) or None


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other threads and processes from changing a model, making the cache if it is absent."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    # flock also excludes threads of this process: each has its own open file.
    with (folder.parent / f".{folder.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def scratch_beside(folder: Path) -> Iterator[Path]:
    """Make a temporary folder beside the model, so that a rename stays on one file system.

    What a killed process left there is removed first; hold the lock.
    """
    prefix = f".{folder.name}.building-"
    for leftover in folder.parent.glob(f"{prefix}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    scratch = Path(tempfile.mkdtemp(prefix=prefix, dir=folder.parent))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def replace(folder: Path, fresh: Path, scratch: Path) -> None:
    """Put a finished model in the place of what is there; `scratch` takes the old one."""
    if folder.exists():  # a folder with files in it cannot be renamed over
        folder.rename(scratch / "replaced")
    fresh.rename(folder)


def _build_if_needed(folder: Path, build: Callable[[Path], None]) -> None:
    found = fault(folder)
    if found is None:  # another process built it while this one waited for the lock
        return
    if folder.exists():
        _log.warning("model cache %s is damaged (%s): building it again", folder, found)
    with scratch_beside(folder) as scratch:
        fresh = scratch / "fresh"
        fresh.mkdir()
        build(fresh)
        manifest.write(fresh, manifest.describe(fresh))
        replace(folder, fresh, scratch)
