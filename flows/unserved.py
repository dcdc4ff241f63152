"""Queues that no worker with these settings serves, each with its remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from db.operations import item_captions, readings
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
    from flows.effects import Flow


_WAITING = {
    "ocr": "pictures wait to be read (OCR)",
    "caption": "pictures wait for captions",
    "item_caption": "items wait for captions of all their pictures",
}


class Unserved(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a queue that no worker with these settings serves.

    `queue` and `name` are those of `db.operations.metrics.QueueDepth`; `n` wait for `what`; `todo` is the
    remedy.
    """

    queue: Literal["readings", "vectors"]
    name: str
    n: int
    what: str
    why: str
    todo: str

    def __str__(self) -> str:
        return f"{self.n:,} {self.what}, and nobody does it: {self.why}"


def unserved(encoders: EncoderSettings, captions: CaptionSettings) -> Flow[list[Unserved]]:
    """Find the queues that no setting of this machine serves.

    Workers on other machines may have other settings.
    """
    rows: list[Wanted] = [*(yield readings.wanted()), *(yield item_captions.wanted())]
    found = [_readings(row, encoders, captions) for row in rows]
    for space in (yield embedding.active_spaces()):
        n = (yield embedding.unfinished(space_id=space.space_id))[0].n
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


def _readings(row: Wanted, encoders: EncoderSettings, captions: CaptionSettings) -> Unserved | None:
    off = _ocr_off(row.name, encoders) if row.kind == "ocr" else captions_off(captions)
    if row.kind == "item_caption" and off is None and captions.caption_pictures < 2:
        off = "SEOGO_CAPTION_PICTURES is 1", "set it to 2 or more for `seogo embed` and the workers"
    if off is None:
        return None
    what = f"{_WAITING[row.kind]} by {row.name}"
    return Unserved(queue="readings", name=row.kind, n=row.n, what=what, why=off[0], todo=off[1])


def _ocr_off(engine: str, encoders: EncoderSettings) -> tuple[str, str] | None:
    try:
        ocr_spec(engine, OcrOptions(models=encoders.models_path))
    except EncoderError as exc:
        todo = "install it, or let another read them: seogo pictures again COLLECTION --ocr auto"
        return str(exc), todo
    return None


def _vectors(space: Space, n: int, settings: EncoderSettings) -> Unserved | None:
    what = f"items wait for vectors in {space.pinned}"
    detail, todo = encoder_state(space, settings)
    if not todo:
        return None
    name = f"{space.space}/{space.generation}"
    return Unserved(queue="vectors", name=name, n=n, what=what, why=detail, todo=todo)


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
