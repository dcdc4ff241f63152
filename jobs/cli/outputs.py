"""Output paths, checked by Typer callbacks before a command begins its work; outputs of text."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import typer


def writable_file(path: Path | None) -> Path | None:
    """Refuse a file that could not be written; as the callback of an option or an argument.

    Raises:
        typer.BadParameter: it is a folder, its folder does not exist, or nothing can be written there.
    """
    if path is None:
        return None
    if path.is_dir():
        raise typer.BadParameter(f"{path} is a folder; name a file")
    if path.exists():
        if not os.access(path, os.W_OK):
            raise typer.BadParameter(f"{path} may not be written by this user; name another place")
    else:
        if not path.parent.is_dir():
            raise typer.BadParameter(f"the folder {path.parent} does not exist; make it first")
        _try(path.parent)
    return path


def writable_folder(path: Path | None) -> Path | None:
    """Refuse a folder that could not be made, or not be written to; else as `writable_file`."""
    if path is None:
        return None
    there = next(place for place in (path, *path.absolute().parents) if place.exists())
    if not there.is_dir():
        raise typer.BadParameter(f"{there} is a file; name a folder")
    _try(there)
    return path


def _try(folder: Path) -> None:
    """Make a file and forget it: rights alone do not tell whether that works."""
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as exc:
        raise typer.BadParameter(f"{folder}: {exc.strerror}; name another place") from exc


def write_or_show(text: str, to: Path | None) -> None:
    """Write a text to a file, or show it where none was named."""
    if to is None:
        typer.echo(text, nl=False)
    else:
        to.write_text(text, encoding="utf-8")
