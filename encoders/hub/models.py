"""Store of hub models: pulled once, checked by sha256 before each use, usable offline.

A model is known by its source: a hub id (`org/name`), or a folder that holds one. A pulled model
lies in a folder of its own under the model cache, with the commit it is from in its manifest. The
cache may be shared by many processes and machines, and may be read-only for those that only load.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path, PurePath

import msgspec

from encoders.errors import CacheNotWritable, EncoderError, EncoderNotPulled
from encoders.hub.selection import select_files
from encoders.runtime import cache, manifest
from encoders.runtime.manifest import File

_SUBFOLDER = "hub"
_HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?", re.ASCII)


class ModelDamaged(EncoderError):
    """A pulled model has changed since."""

    def __init__(self, source: str, folder: Path, faults: list[str]) -> None:
        self.faults = faults
        self.hint = f"pull it again: seogo models pull {source}"
        super().__init__(f"{folder}: {'; '.join(faults)}")


class AdoptRefused(EncoderError):
    """This folder is not the model."""


class PulledModel(msgspec.Struct, frozen=True, kw_only=True):
    """A model in the cache; size in bytes."""

    source: str
    revision: str
    folder: Path
    size: int


def pull(
    source: str,
    models_path: Path,
    revision: str | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    *,
    endpoint: str | None = None,
) -> Path:
    """Download a model, unless that commit is here and whole.

    Weights are taken as safetensors, else as ONNX, never pickled. What an interrupted pull has
    finished is used by the next one; the model that was here stays until the new one is whole.

    Args:
        source: Hub id.
        models_path: The model cache.
        revision: Branch, tag or commit; None for the newest commit of the main branch.
        progress: Called with the file, the bytes so far and the bytes of all files.
        endpoint: URL of the hub; None for the one of `HF_ENDPOINT`, or the public one.

    Returns:
        The folder with the model in it.

    Raises:
        PullFailed: If the hub cannot be reached, refuses, or sends something else; the hint says
            what to do.
        CacheNotWritable: If the cache cannot take it.
        EncoderNotInstalled: If huggingface_hub is absent.
    """
    from encoders.hub import download  # its errors and the library come in together

    place = _place(source, models_path)
    if revision is not None and _whole(place, revision):
        return place  # a commit does not change: no need to ask the hub
    model = download.find(source, revision, endpoint)
    with _writing(place):
        if _whole(place, model.revision):
            return place
        scratch = place.with_name(f".{place.name}.pulling-{model.revision[:12]}")
        download.fetch(model, scratch, progress)
        manifest.write(scratch, manifest.describe(scratch), source, model.revision)
        with cache.scratch_beside(place) as old:
            cache.replace(place, scratch, old)
        for leftover in place.parent.glob(f".{place.name}.pulling-*"):
            shutil.rmtree(leftover, ignore_errors=True)
    return place


def adopt(source: str, origin: Path, models_path: Path, revision: str | None = None) -> Path:
    """Copy a model from a folder, for machines without a network.

    A folder copied from another cache brings its manifest: it is checked by it and keeps its
    revision. Of any other folder the files that `pull` would take are copied.

    Args:
        source: The hub id of the model.
        origin: The folder.
        models_path: The model cache.
        revision: What to name its contents by; None for what its manifest says, else a digest.

    Returns:
        The folder with the model in it.

    Raises:
        AdoptRefused: If it holds another model, a damaged one, or only pickled weights.
        CacheNotWritable: If the cache cannot take it.
    """
    known = _known(origin)
    if known is not None and (faults := manifest.faults(origin)):
        raise AdoptRefused(f"{origin}: {'; '.join(faults)}")
    if known is not None and known.source not in ("", source):
        raise AdoptRefused(f"{origin} holds {known.source}, not {source}.")
    names = [path.relative_to(origin).as_posix() for path in origin.rglob("*") if path.is_file()]
    chosen, problem = select_files([name for name in names if name != manifest.MANIFEST])
    if problem:
        raise AdoptRefused(f"{origin}: {problem}")
    place = _place(source, models_path)
    with _writing(place), cache.scratch_beside(place) as scratch:
        fresh = scratch / "fresh"
        for name in chosen:
            (fresh / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(origin / name, fresh / name)
        files = manifest.describe(fresh)
        named = revision or (known.revision if known else "") or digest(files)
        manifest.write(fresh, files, source, named)
        cache.replace(place, fresh, scratch)
    return place


def folder(source: str, models_path: Path) -> Path:
    """Return the folder of a model, its files checked: about a second per GB.

    What this process has checked once is checked again only if a file's size or time changed.

    Args:
        source: Hub id, or a folder of the user's own, which needs no manifest.
        models_path: The model cache.

    Raises:
        EncoderNotPulled: If it is not there.
        ModelDamaged: If a file is missing, changed, or too many; all of them are named.
    """
    place = _existing(source, models_path)
    if _is_hub_id(source) or (place / manifest.MANIFEST).exists():
        faults = _faults(place, manifest.fingerprint(place))
        if faults:
            raise ModelDamaged(source, place, list(faults))
    return place


def verify(source: str, models_path: Path) -> None:
    """Check every file of a pulled model now.

    Raises:
        EncoderNotPulled: If it is not there.
        ModelDamaged: If a file is missing, changed, or too many; all of them are named.
    """
    place = _existing(source, models_path)
    if faults := manifest.faults(place):
        raise ModelDamaged(source, place, faults)


def revision(source: str, models_path: Path) -> str:
    """Revision of a model here: its commit, or a digest of a folder without manifest.

    Raises:
        EncoderNotPulled: If it is not there.
        ModelDamaged: If its manifest cannot be read.
    """
    place = _existing(source, models_path)
    known = _known(place)
    if known is None and _is_hub_id(source):
        raise ModelDamaged(source, place, manifest.faults(place))
    return (known.revision if known else "") or digest(manifest.describe(place))


def pulled(models_path: Path) -> list[PulledModel]:
    """List the models pulled into a cache, by source; files are not checked."""
    found = []
    for place in (models_path / _SUBFOLDER).glob("[!.]*"):
        known = _known(place)
        if known is not None:
            pulled = PulledModel(
                source=known.source, revision=known.revision, folder=place, size=known.size
            )
            found.append(pulled)
    return sorted(found, key=lambda model: model.source)


@contextlib.contextmanager
def _writing(place: Path) -> Iterator[None]:
    try:
        with cache.locked(place):
            yield
    except OSError as exc:
        raise CacheNotWritable(place, exc) from exc


def _place(source: str, models_path: Path) -> Path:
    if not _is_hub_id(source):
        return Path(source).expanduser()
    return models_path / _SUBFOLDER / source.replace("/", "--")


def _existing(source: str, models_path: Path) -> Path:
    place = _place(source, models_path)
    if not place.is_dir():
        raise EncoderNotPulled(source)
    return place


@lru_cache(maxsize=64)
def _faults(place: Path, _: tuple[tuple[str, int, int], ...]) -> tuple[str, ...]:
    """Faults of a folder, remembered until the size or time of a file changes."""
    return tuple(manifest.faults(place))


def _is_hub_id(source: str) -> bool:
    """Tell `org/name` from a folder, which is written as one: absolute, `~`, or `./`."""
    return _HUB_ID.fullmatch(source) is not None and PurePath(source).parts[0] not in (".", "..")


def _known(place: Path) -> manifest.Manifest | None:
    try:
        return manifest.read(place)
    except (OSError, msgspec.DecodeError):
        return None


def _whole(place: Path, commit: str) -> bool:
    known = _known(place)
    return known is not None and known.revision == commit and not manifest.faults(place)


def digest(files: dict[str, File]) -> str:
    """Digest of the contents of files, whatever the folder is called."""
    lines = (f"{name} {file.sha256}\n" for name, file in sorted(files.items()))
    return f"sha256-{hashlib.sha256(''.join(lines).encode()).hexdigest()[:16]}"
