"""Queues that no worker with these settings serves, each with its remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from db.calls.query import fetch
from db.operations import readings
from db.spaces import embedding
from encoders import inventory, registry
from encoders.errors import EncoderError
from encoders.hub import specs
from encoders.ocr.registry import ocr_spec
from encoders.ocr.settings import OcrOptions

if TYPE_CHECKING:
    from db.operations.readings import Wanted
    from db.spaces.rows import Space
    from encoders.settings import CaptionSettings, EncoderSettings
    from jobs.types import Conn


class Unserved(msgspec.Struct, frozen=True, kw_only=True):
    """A queue that no worker with these settings serves.

    `n` wait for `what`; `todo` is the remedy.
    """

    n: int
    what: str
    why: str
    todo: str

    def __str__(self) -> str:
        return f"{self.n:,} {self.what}, and nobody does it: {self.why}"


def unserved(conn: Conn, encoders: EncoderSettings, captions: CaptionSettings) -> list[Unserved]:
    """Find the queues that no setting of this machine serves.

    Workers on other machines may have other settings.
    """
    found = [_pictures(row, encoders, captions) for row in fetch(conn, readings.wanted())]
    for space in fetch(conn, embedding.active_spaces()):
        n = fetch(conn, embedding.unfinished(space_id=space.space_id))[0].n
        found.append(_vectors(space, n, encoders) if n else None)
    return [one for one in found if one is not None]


def captions_off(settings: CaptionSettings) -> tuple[str, str] | None:
    """The reason why captions are off and the remedy; None where they are on."""
    if not settings.captioners.strip():
        return "captions are off", "set SEOGO_CAPTIONERS for `seogo embed` and the workers"
    if "openai" in settings.captioners and not (settings.caption_url and settings.caption_model):
        return (
            "the captioner openai has no address or no model",
            "set SEOGO_CAPTION_URL and SEOGO_CAPTION_MODEL",
        )
    return None


def _pictures(row: Wanted, encoders: EncoderSettings, captions: CaptionSettings) -> Unserved | None:
    if row.kind == "caption":
        off = captions_off(captions)
        what = f"pictures wait for captions by {row.name}"
        return off and Unserved(n=row.n, what=what, why=off[0], todo=off[1])
    try:
        ocr_spec(row.name, OcrOptions(models=encoders.models_path))
    except EncoderError as exc:
        what = f"pictures wait to be read (OCR) by {row.name}"
        todo = "install it, or let another read them: seogo pictures again COLLECTION --ocr auto"
        return Unserved(n=row.n, what=what, why=str(exc), todo=todo)
    return None


def _vectors(space: Space, n: int, settings: EncoderSettings) -> Unserved | None:
    what = f"items wait for vectors in {space.pinned}"
    detail, todo = encoder_state(space, settings)
    return Unserved(n=n, what=what, why=detail, todo=todo) if todo else None


def encoder_state(space: Space, settings: EncoderSettings) -> tuple[str, str]:
    """The state of a space's encoder, and its remedy; none where it is ready."""
    # A model named by its folder is described by its files; of others the name says enough.
    place = settings.models_path if space.encoder.startswith(specs.BY_SOURCE) else None
    try:
        entry = inventory.entry(registry.spec(space.encoder, place), settings.models_path)
    except EncoderError as exc:
        return str(exc), "seogo models list"
    ready = entry.state in ("ready", "to build")
    todo = "" if ready else f"seogo models pull {space.encoder}"
    return f"{space.encoder} is {entry.state} ({entry.detail})", todo
