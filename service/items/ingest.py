"""Writing of items: bad ones are refused by name, the others are written."""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Any, Protocol

import msgspec

from db.items.rows import ItemIn, MediaIn
from db.items.upserts import Outcome, Refusal, Row, upsert_batch
from db.items.validation import unstorable
from db.operations.readings import Decoded
from encoders.errors import EncoderError
from encoders.pictures.sources import PictureUnavailable, from_base64
from service.data.database import CallersDatabase
from service.items.pictures import Pictures
from service.items.schemas import ItemsOut, RefusedItem

# What is written in one transaction: so many pictures, or files of so many bytes.
PICTURES_AT_ONCE = 32
BYTES_AT_ONCE = 64 * 1024 * 1024
MAX_PICTURES = 100
# Of one item; its pictures are written together.
MAX_PICTURE_BYTES = 128 * 1024 * 1024


class PictureFiles(Protocol):
    """Access to the files that items name by path or URL."""

    async def read(self, media: MediaIn) -> bytes:
        """The bytes of a picture that is not inline.

        Raises:
            PictureUnavailable: they are unavailable.
        """
        ...


class ItemWriter:
    """Writes items of one request. An external id that comes twice is refused the second time."""

    def __init__(
        self, database: CallersDatabase, collection: str, pictures: Pictures, files: PictureFiles
    ) -> None:
        self._database = database
        self._collection = collection
        self._pictures = pictures
        self._files = files
        self._first: dict[str, int] = {}

    async def write(self, rows: Sequence[tuple[int, Any]], *, place: str) -> Outcome:
        """Check and write a batch of decoded JSON values with their places in the input.

        Args:
            rows: place and value.
            place: what places are called: "index" or "line".

        Raises:
            UnknownName: no such collection.
        """
        outcome = Outcome()
        good: deque[tuple[int, ItemIn]] = deque()
        for at, value in rows:
            item = self._check(at, value, place)
            if isinstance(item, str):
                outcome.refused.append(Refusal(at, _key(value), item))
            else:
                good.append((at, item))
        while True:  # at least once, even without items: the collection may be unknown
            async with AsyncExitStack() as held:
                batch = await self._batch(good, held)
                outcome.add(
                    await self._database.run(partial(upsert_batch, self._collection, batch))
                )
            if not good:
                return outcome

    async def _batch(self, rows: deque[tuple[int, ItemIn]], held: AsyncExitStack) -> list[Row]:
        """The next rows with their pictures, as many as are written together."""
        batch: list[Row] = []
        pictures = size = 0
        while rows and size < BYTES_AT_ONCE:
            pictures += len(rows[0][1].media or ())
            if batch and pictures > PICTURES_AT_ONCE:
                break
            at, item = rows.popleft()
            found = None if item.media is None else await self._decode(item.media, held)
            size += sum(len(one.data) for one in found or () if isinstance(one, Decoded))
            batch.append(Row(at, item, found))
        return batch

    def _check(self, at: int, value: Any, place: str) -> ItemIn | str:
        """The item, or why it is refused."""
        try:
            item = msgspec.convert(value, ItemIn)
            reason = unstorable(item)
        except msgspec.ValidationError as exc:
            return str(exc)
        except RecursionError:
            return "metadata: nested too deeply"
        if len(item.media or ()) > MAX_PICTURES:
            return f"media: {len(item.media or ())} pictures; the limit is {MAX_PICTURES}"
        if reason is None and self._first.setdefault(item.external_id, at) != at:
            return f"external_id: stands already at {place} {self._first[item.external_id]}"
        return reason or item

    async def _decode(self, media: Sequence[MediaIn], held: AsyncExitStack) -> list[Decoded | str]:
        """The pictures of an item, one after the other; what they take is held meanwhile."""
        found: list[Decoded | str] = []
        left = MAX_PICTURE_BYTES
        for one in media:
            try:
                data = await self._read(one)
                left -= len(data)
                if left < 0:
                    raise PictureUnavailable(f"too-large: all over {MAX_PICTURE_BYTES:,} bytes")
                await held.enter_async_context(self._pictures.budget.room(len(data)))
                found.append(await self._pictures.to_store(data))
            except EncoderError as exc:
                found.append(str(exc) or type(exc).__name__)
        return found

    async def _read(self, media: MediaIn) -> bytes:
        if media.base64 is None:
            return await self._files.read(media)
        return await asyncio.to_thread(from_base64, media.base64)


async def write(writer: ItemWriter, collection: str, raw: list[Any]) -> ItemsOut:
    """Write the items of one request.

    Raises:
        UnknownName: no such collection.
    """
    outcome = await writer.write(list(enumerate(raw)), place="index")
    written = [one for _, one in sorted(outcome.written, key=lambda pair: pair[0])]
    actions = [one.action for one in written]
    return ItemsOut(
        collection=collection,
        inserted=actions.count("inserted"),
        updated=actions.count("updated"),
        unchanged=actions.count("unchanged"),
        pictures=outcome.pictures,
        refused=_refused(outcome.refused),
        refused_pictures=_refused(outcome.refused_pictures),
        written=written,
    )


def _refused(refusals: Sequence[Refusal]) -> list[RefusedItem]:
    return [RefusedItem(*one) for one in sorted(refusals, key=lambda one: one.place)]


def _key(value: Any) -> str | None:
    key = value.get("external_id") if isinstance(value, dict) else None
    return key[:500] if isinstance(key, str) else None
