"""Items written one by one as far as possible: the bad ones are named, the rest stands."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any, Protocol

import msgspec

from db.pictures import Decoded
from db.rows import ItemIn, MediaIn
from db.storable import unstorable
from db.upserts import Outcome, Refusal, Row, upserted
from encoders.errors import EncoderError
from encoders.picture_sources import from_base64
from service.database import CallersDatabase
from service.pictures import Pictures
from service.schemas.items import ItemsOut, Refused

PICTURES_AT_ONCE = 32
MAX_PICTURES = 100


class PictureFiles(Protocol):
    """Where the files are that items name by path or URL."""

    async def read(self, media: MediaIn) -> bytes:
        """The bytes of a picture that is not inline.

        Raises:
            PictureUnavailable: they cannot be had.
        """
        ...


class Writer:
    """Writes items of one request. An external id that comes twice is refused the second time."""

    def __init__(
        self,
        database: CallersDatabase,
        collection: str,
        pictures: Pictures,
        files: PictureFiles,
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
        good: list[tuple[int, ItemIn]] = []
        for at, value in rows:
            item, reason = self._checked(at, value, place)
            if item is None or reason is not None:
                outcome.refused.append(Refusal(at, _key(value), reason or ""))
            else:
                good.append((at, item))
        for part in _parts(good):
            batch = [Row(at, item, await self._decoded(item)) for at, item in part]
            outcome.add(await self._database.run(partial(upserted, self._collection, batch)))
        return outcome

    def _checked(self, at: int, value: Any, place: str) -> tuple[ItemIn | None, str | None]:
        try:
            item = msgspec.convert(value, ItemIn)
            reason = unstorable(item)
        except msgspec.ValidationError as exc:
            return None, str(exc)
        except RecursionError:
            return None, "metadata: nested too deeply"
        if len(item.media or ()) > MAX_PICTURES:
            reason = f"media: {len(item.media or ())} pictures; the limit is {MAX_PICTURES}"
        if reason is None and item.external_id in self._first:
            reason = f"external_id: stands already at {place} {self._first[item.external_id]}"
        if reason is None:
            self._first[item.external_id] = at
        return item, reason

    async def _decoded(self, item: ItemIn) -> list[Decoded | str] | None:
        if item.media is None:
            return None
        return list(await asyncio.gather(*(self._one(media) for media in item.media)))

    async def _one(self, media: MediaIn) -> Decoded | str:
        try:
            inline = media.base64
            data = await self._files.read(media) if inline is None else from_base64(inline)
            return await self._pictures.to_store(data)
        except EncoderError as exc:
            return str(exc) or type(exc).__name__


async def write(writer: Writer, collection: str, raw: list[Any]) -> ItemsOut:
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


def _refused(refusals: Sequence[Refusal]) -> list[Refused]:
    ordered = sorted(refusals, key=lambda r: r.place)
    return [Refused(index=r.place, external_id=r.external_id, reason=r.reason) for r in ordered]


def _parts(rows: Sequence[tuple[int, ItemIn]]) -> list[list[tuple[int, ItemIn]]]:
    """The rows in batches that do not hold too many decoded pictures; at least one, even empty."""
    parts: list[list[tuple[int, ItemIn]]] = [[]]
    pictures = 0
    for at, item in rows:
        pictures += len(item.media or ())
        if parts[-1] and pictures > PICTURES_AT_ONCE:
            parts.append([])
            pictures = len(item.media or ())
        parts[-1].append((at, item))
    return parts


def _key(value: Any) -> str | None:
    key = value.get("external_id") if isinstance(value, dict) else None
    return key[:500] if isinstance(key, str) else None
