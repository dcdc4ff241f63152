"""What a search asks with, made of what was sent: words, a decoded picture and the numbers on it."""

from db.errors import BadRequest
from encoders.base import Picture
from encoders.text.rendering import clean
from service.data.database import CallersDatabase
from service.errors import LegUnavailable
from service.items.pictures import Pictures
from service.models.reading import Readers
from service.search.legs import Question
from service.search.schemas import SearchIn


class Questions:
    """Makes questions of requests."""

    def __init__(self, pictures: Pictures, readers: Readers) -> None:
        self._pictures = pictures
        self._readers = readers

    async def question(
        self, database: CallersDatabase, collection: str, asked: SearchIn, sent: bytes | None
    ) -> Question:
        """What a request asks with.

        Args:
            database: as the caller sees it.
            collection: where to search.
            asked: the request.
            sent: the file of a picture that was sent beside it.

        Raises:
            UnknownName: no such collection.
            NoSuchPicture: a stored picture is not in the collection.
            PictureInvalid: it is no picture, or is damaged.
            PictureUnavailable: it is not base64.
            BadRequest: there is nothing to ask with, or there are two pictures.
        """
        words = clean(asked.query or "").strip()
        if sent is not None and asked.picture is not None:
            raise BadRequest("there are two pictures: one was sent, and `picture` names another")
        if not (words or sent or asked.picture or asked.like):
            raise BadRequest(
                "there is nothing to search for",
                "Give `query`, `picture` or `like`, or several of them.",
            )
        data = sent
        if asked.picture is not None:
            data = await self._pictures.named(database, collection, asked.picture)
        question = Question(words, None, asked.like, asked.unlike)
        if data is None:
            return question
        picture = await self._pictures.decoded(data)
        return await self._read(collection, asked, question._replace(picture=picture), picture)

    async def _read(
        self, collection: str, asked: SearchIn, question: Question, picture: Picture
    ) -> Question:
        """With the numbers on the picture, where a leg of words can search for them."""
        if asked.legs is not None and not any(leg.space is None for leg in asked.legs):
            return question
        try:
            return question._replace(numbers=await self._readers.part_numbers(collection, picture))
        except LegUnavailable as exc:
            return question._replace(notes=[f"the picture was not read: {exc}"])
