"""Registration of pictures from a list beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.calls.query import fetch
from db.defects.registration import PICTURES, PICTURES_NAME
from db.items.items import create_collection
from encoders.settings import EncoderSettings
from flows.items.registering import RegisterReport, register_list
from flows.local import Local
from jobs.types import Conn, OnCount, silent

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from inputs.errors import Bad
    from inputs.lines import Record


def ensure_collection(conn: Conn, name: str = PICTURES_NAME) -> None:
    """Create the collection of pictures if it is missing."""
    fetch(conn, create_collection(name=name, settings=PICTURES))


def from_list(
    conn: Conn, read: Iterable[Record | Bad], folder: Path, on_line: OnCount = silent
) -> RegisterReport:
    """Register the pictures of a list; see `flows.items.registering.register_list`.

    Paths begin at the folder, and none may lead out of it; `read` gives JSON objects, see `SpecimenLine`.
    """

    def read_file(given: str) -> bytes:
        path = (folder / given).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise OSError(f"{given} leads out of {folder}")
        return path.read_bytes()

    return Local(conn, EncoderSettings()).run(register_list(read, read_file, on_line))
