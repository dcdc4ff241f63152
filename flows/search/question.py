"""The question of a search: its words, its decoded picture, and the numbers read on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from db.errors import BadRequest
from db.items import stored_pictures
from flows.effects import Decode, Flow, ReadNumbers
from flows.errors import LegUnavailable, NoSuchPicture

if TYPE_CHECKING:
    from encoders.base import Picture
    from flows.search.request import PictureIn, SearchIn


class Question(NamedTuple):
    """A query as it is encoded and planned.

    Words are empty where there are none; `part_numbers` are those read on the picture, None where
    it was not read; `notes` say what could not be done.
    """

    words: str
    picture: Picture | None
    like: list[int]
    unlike: list[int]
    part_numbers: list[str] | None = None
    notes: Sequence[str] = ()

    @property
    def text(self) -> str | None:
        """The text for the legs of words and identifiers, None where there is none."""
        return " ".join(filter(None, [self.words, *(self.part_numbers or [])])) or None


def build_question(collection: str, request: SearchIn, file: bytes | None) -> Flow[Question]:
    """Check what a request asks with, decode its picture and read the numbers on it.

    Args:
        collection: where to search.
        request: the request.
        file: the file of a picture that was sent beside it.

    Raises:
        UnknownName: no such collection.
        NoSuchPicture: a stored picture is not in the collection.
        PictureInvalid: it is no picture, or is damaged.
        PictureUnavailable: it is not base64.
        BadRequest: there is nothing to ask with, or there are two pictures.
    """
    words = (request.query or "").strip()
    if file is not None and request.picture is not None:
        raise BadRequest("there are two pictures: one was sent, and `picture` names another")
    if not (words or file or request.picture or request.like):
        raise BadRequest(
            "there is nothing to search for",
            "Give `query`, `picture` or `like`, or several of them.",
        )
    data: bytes | str | None = file
    if request.picture is not None:
        data = yield from _named_picture(collection, request.picture)
    question = Question(words, None, request.like, request.unlike)
    if data is None:
        return question
    picture: Picture = yield Decode(data)
    question = question._replace(picture=picture)
    if request.legs is not None and not any(leg.space is None for leg in request.legs):
        return question  # no leg of words could search for the numbers
    try:
        return question._replace(part_numbers=(yield ReadNumbers(collection, picture)))
    except LegUnavailable as exc:
        return question._replace(notes=[f"the picture was not read: {exc}"])


def _named_picture(collection: str, picture: PictureIn) -> Flow[bytes | str]:
    """The file of a picture that a request names, or its base64 text."""
    if picture.base64 is not None:
        return picture.base64
    stored = yield stored_pictures.picture(picture_id=picture.id or 0, collection=collection)
    if not stored:
        raise NoSuchPicture(f"no item of {collection} has picture {picture.id}")
    (file,) = yield stored_pictures.piece(
        picture_id=stored[0].picture_id, start=0, size=stored[0].size
    )
    data: bytes = file.data
    return data
