"""Captions of items with several pictures: one call for an item, and for its pictures that have none yet."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import psycopg

from db.calls.query import fetch
from db.calls.retries import retry_on_conflict
from db.errors import BadRequest, ShardUnavailable
from db.operations import item_captions, readings
from encoders.captioning.several import Captions, caption_several
from encoders.errors import EncoderError
from encoders.pictures import decoding
from jobs.errors import reason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Future

    from db.operations.item_captions import ClaimedItem
    from db.operations.readings import ClaimedPicture
    from encoders.captioning.base import Captioner, Prompt
    from jobs.types import Conn

NO_WHOLE = "the answer has no caption of all pictures together"


class ItemCaptions(msgspec.Struct, frozen=True, kw_only=True):
    """Captions of an item: of its pictures by their ids, of all together, and which of them were seen."""

    said: Captions
    texts: dict[int, str]
    seen: list[int]


class KeptCaptions(NamedTuple):
    """Pictures whose captions were stored, and whether that of the item was."""

    pictures: list[ClaimedPicture]
    whole: bool


def describe(
    captioner: Captioner, claimed: ClaimedItem, prompts: Mapping[str, Prompt]
) -> ItemCaptions:
    """Have an item described; a picture that cannot be decoded is left out, and fails by itself.

    Raises:
        CaptionFailed: see `caption_several`.
        ValueError: there is no such prompt, or no picture can be decoded.
    """
    prompt = prompt_of(prompts, claimed.wanted)
    images = {}
    for picture, file in zip(claimed.pictures, claimed.files, strict=False):
        try:
            images[picture] = decoding.decode(file)
        except (EncoderError, ValueError):
            continue
    seen = list(images)
    places = [at for at, picture in enumerate(seen) if picture in claimed.lacking]
    said = caption_several(captioner, [*images.values()], places, prompt, claimed.about or "")
    texts = {seen[place]: text for place, text in said.texts.items()}
    return ItemCaptions(said=said, texts=texts, seen=seen)


def prompt_of(prompts: Mapping[str, Prompt], name: str) -> Prompt:
    """Prompt of a name, for what waits for its captions.

    Raises:
        ValueError: there is none.
    """
    prompt = prompts.get(name)
    if prompt is None:
        raise ValueError(f"there is no prompt {name}; ops.add_prompt makes one")
    return prompt


def keep(conn: Conn, claimed: ClaimedItem, job: Future[ItemCaptions]) -> KeptCaptions:
    """Store what was said of an item and its pictures, or why nothing was.

    Those that got none go back to their queue, and are asked for singly.
    """
    try:
        found = job.result()
    except (EncoderError, ValueError, RuntimeError) as exc:
        fetch(conn, item_captions.fail(claimed, reason(exc)))
        _release(conn, claimed.lacking)
        return KeptCaptions([], whole=False)
    kept = [one for one in claimed.singles if _keep_picture(conn, one, found)]
    _release(conn, [one.picture_id for one in claimed.singles if one not in kept])
    return KeptCaptions(kept, whole=_keep_whole(conn, claimed, found))


def release(conn: Conn, claimed: list[ClaimedItem]) -> None:
    """Return items and their pictures to the queues, as if they had not been claimed."""
    fetch(conn, item_captions.release(item_ids=[one.item_id for one in claimed]))
    _release(conn, [picture for one in claimed for picture in one.lacking])


def _keep_picture(conn: Conn, claimed: ClaimedPicture, found: ItemCaptions) -> bool:
    text = found.texts.get(claimed.picture_id)
    if text is None:
        return False
    query = readings.store_caption(
        claimed,
        caption=text,
        captioner=found.said.answer.captioner,
        prompt=found.said.answer.prompt,
    )
    try:
        retry_on_conflict(partial(fetch, conn, query))
    except (BadRequest, ShardUnavailable, psycopg.DataError):
        return False  # what the database cannot keep may come out better alone
    return True


def _keep_whole(conn: Conn, claimed: ClaimedItem, found: ItemCaptions) -> bool:
    said = found.said
    if said.whole is None:
        fetch(conn, item_captions.fail(claimed, NO_WHOLE))
        return False
    lacking = [picture for picture in found.seen if picture in claimed.lacking]
    query = item_captions.store(
        claimed,
        caption=said.whole,
        of_pictures=found.seen,
        captioner=said.answer.captioner,
        prompt=said.answer.prompt,
        unanswered=len(lacking) - len(found.texts),
        tokens=said.answer.tokens,
        latency_ms=said.answer.latency_ms,
        tried=msgspec.to_builtins(said.answer.tried),
    )
    try:
        retry_on_conflict(partial(fetch, conn, query))
    except (BadRequest, ShardUnavailable, psycopg.DataError) as exc:
        fetch(conn, item_captions.fail(claimed, reason(exc)))
        return False
    return True


def _release(conn: Conn, pictures: list[int]) -> None:
    if pictures:
        fetch(conn, readings.release_readings(kind="caption", picture_ids=pictures))
