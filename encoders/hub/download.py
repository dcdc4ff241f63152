"""Download of model files from a hub, each checked against the hub's digest."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from encoders.errors import EncoderError
from encoders.hub.selection import select_files
from encoders.runtime.optional import require

# What huggingface_hub keeps beside the files it has finished; it tells the next pull.
_NOTES = ".cache"


class PullFailed(EncoderError):
    """The model could not be pulled."""

    def __init__(self, source: str, reason: str, hint: str) -> None:
        self.hint = hint
        super().__init__(f"{source}: {reason}")


class RemoteFile(msgspec.Struct, frozen=True):
    """A file as the hub describes it.

    Attributes:
        name: Path in the repository.
        size: Bytes.
        sha256: Of a large file; empty for others.
        blob: What git names the contents by; empty where unknown.
    """

    name: str
    size: int
    sha256: str
    blob: str


class RemoteModel(msgspec.Struct, frozen=True):
    """The wanted files of one commit of a model."""

    source: str
    revision: str
    endpoint: str | None
    files: tuple[RemoteFile, ...]


def find(source: str, revision: str | None, endpoint: str | None) -> RemoteModel:
    """Ask the hub for the commit and the files of a model.

    Raises:
        PullFailed: If it does not answer, has no such model, or no file that may be taken.
    """
    hub = require("huggingface_hub")
    with _translated(source):
        api = hub.HfApi(endpoint=endpoint, library_name="seogo")
        info = api.model_info(source, revision=revision, files_metadata=True)
        there = {sibling.rfilename: sibling for sibling in info.siblings or ()}
    names, problem = select_files(there)
    if problem:
        raise PullFailed(source, problem, "see the files on the model's page of the hub")
    files = tuple(_described(there[name]) for name in names)
    return RemoteModel(source, info.sha, endpoint, files)


def fetch(
    model: RemoteModel, folder: Path, progress: Callable[[str, int, int], None] | None
) -> None:
    """Download the missing files of a model; the folder then holds the model and no more.

    Raises:
        PullFailed: If the connection breaks, the disk is full, or a file is not what the hub
            announced. Finished files stay, so that the next call goes on from there.
    """
    hub = require("huggingface_hub")
    total = sum(file.size for file in model.files)
    finished = 0
    for file in model.files:
        meter = _meter(file.name, finished, total, progress)
        with _translated(model.source):
            hub.hf_hub_download(
                model.source,
                file.name,
                revision=model.revision,
                endpoint=model.endpoint,
                local_dir=folder,
                tqdm_class=meter,
                library_name="seogo",
            )
        _check(model, file, folder / file.name)
        finished += file.size
    shutil.rmtree(folder / _NOTES, ignore_errors=True)


def _check(model: RemoteModel, file: RemoteFile, path: Path) -> None:
    found = _digest(file, path)
    if found in (file.sha256 or file.blob, None):
        return
    path.unlink()
    reason = f"{file.name} arrived damaged ({found} instead of {file.sha256 or file.blob})"
    raise PullFailed(model.source, reason, "pull again; if it stays so, ask whoever runs the hub")


def _digest(file: RemoteFile, path: Path) -> str | None:
    """Hash a file the way the hub did; None where the hub says nothing."""
    with path.open("rb") as stream:
        if file.sha256:
            return hashlib.file_digest(stream, "sha256").hexdigest()
        if not file.blob:
            return None
        body = stream.read()
    return hashlib.sha1(b"blob %d\0" % len(body) + body, usedforsecurity=False).hexdigest()


def _described(sibling: Any) -> RemoteFile:
    sha256 = sibling.lfs.sha256 if sibling.lfs else ""
    return RemoteFile(sibling.rfilename, sibling.size or 0, sha256, sibling.blob_id or "")


def _meter(
    name: str, before: int, total: int, progress: Callable[[str, int, int], None] | None
) -> type:
    """Progress bar class for huggingface_hub that draws nothing and reports bytes."""
    bar = require("tqdm.auto").tqdm
    done = before

    def start(self: Any, *_: Any, **__: Any) -> None:
        bar.__init__(self, disable=True)

    def update(_: Any, n: float = 1) -> None:
        nonlocal done
        done += int(n)
        if progress is not None:
            progress(name, done, total)

    def ignore(_: Any, __: float) -> None:
        """Bytes on the wire, which are fewer than those of the file: not what is reported."""

    return type("Meter", (bar,), {"__init__": start, "update": update, "update_transfer": ignore})


@contextmanager
def _translated(source: str) -> Iterator[None]:
    """Translate errors of the network and the hub to `PullFailed` with a hint."""
    errors = require("huggingface_hub.errors")
    hints = {
        errors.OfflineModeIsEnabled: "unset HF_HUB_OFFLINE, or take the model from a folder:"
        f" seogo models pull {source} --from FOLDER",
        errors.GatedRepoError: f"accept its terms at https://huggingface.co/{source}, then set"
        " HF_TOKEN",
        errors.RevisionNotFoundError: "look up its revisions on the model's page",
        errors.RepositoryNotFoundError: "check the name; a private model needs HF_TOKEN",
    }
    elsewhere = (
        "check the network, HF_ENDPOINT and the space on the disk; or take it from a folder:"
        f" seogo models pull {source} --from FOLDER"
    )
    try:
        yield
    except (OSError, ValueError, errors.HTTPError) as exc:
        hint = next((text for kind, text in hints.items() if isinstance(exc, kind)), elsewhere)
        reason = str(exc).strip().partition("\n")[0]  # the rest is advice for programmers
        raise PullFailed(source, f"{type(exc).__name__}: {reason}", hint) from exc
