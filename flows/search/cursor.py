"""Cursors: the place in a list from which the next page goes on, as one word of letters and digits."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING

import msgspec

from db.errors import BadRequest
from flows.search.results import question_of

if TYPE_CHECKING:
    from flows.search.results import ResultsIn

LONGEST = 4000


class SortedPlace(msgspec.Struct, frozen=True, kw_only=True, tag="s", array_like=True):
    """The last row that was seen of a sorted list: its `keys` as JSON, its item, its rank."""

    question: str
    keys: str
    item_id: int
    rank: int

    @property
    def after(self) -> dict[str, object]:
        """The place as `search.sort_items` takes it; numbers keep all their digits."""
        return {"keys": msgspec.Raw(self.keys.encode()), "item_id": self.item_id}


class RankedPlace(msgspec.Struct, frozen=True, kw_only=True, tag="r", array_like=True):
    """A kept ranking, and how many of its hits were seen."""

    ranking: str
    seen: int


Place = SortedPlace | RankedPlace
_DECODER: msgspec.json.Decoder[Place] = msgspec.json.Decoder(Place)


def digest(collection: str, request: ResultsIn, file: bytes | None = None) -> str:
    """Digest of what decides the order of a list: a cursor of another question does not fit."""
    parts = hashlib.sha256(
        collection.encode() + b"\0" + question_of(request) + b"\0" + (file or b"")
    )
    return parts.hexdigest()[:32]


def encode(place: Place) -> str | None:
    """Write a place as a cursor; None where its keys are so long that nobody could send it back."""
    text = base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")
    return text if len(text) <= LONGEST else None


def decode(cursor: str) -> Place:
    """Read a cursor.

    Raises:
        BadRequest: it is none.
    """
    try:
        data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        place: Place = _DECODER.decode(data)
        if isinstance(place, SortedPlace):
            msgspec.json.decode(place.keys, type=list[str | int | float | bool | None])
    except (ValueError, binascii.Error, msgspec.DecodeError) as exc:
        raise BadRequest(
            "this is no cursor", 'Give the `cursor` of the answer before, or "*" to begin.'
        ) from exc
    return place


def other_question() -> BadRequest:
    """The error for a cursor that belongs to another search."""
    return BadRequest(
        "the cursor belongs to another search",
        "Send the request of the first page with the cursor; only k, highlight, facets and total may differ.",
    )
