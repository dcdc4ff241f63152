"""Classification of an item, words or a picture by the values that its nearest neighbours have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from db.errors import BadRequest
from db.search import classes
from db.search.classes import ClassVote
from db.search.legs import vector_text
from flows.effects import Encode, Flow, ListSpaces
from flows.search.filters import Filter, filter_text
from flows.search.plan import takes
from flows.search.question import build_question
from flows.search.request import MAX_K, MAX_QUERY, ItemId, LegName, PictureIn, SearchIn, SpaceName

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.spaces.rows import Space
    from flows.search.question import Question


class ClassifyIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request to classify an item of the collection, or words, a picture, or both.

    `path` is the metadata key whose values are the classes (`unit_small`, `maker.country`). `k`
    neighbours that have a value vote; `filter` says which may. Without `space`, it is `text`, or else the
    first of the collection that can be asked with this; `source` compares vectors of one source only.
    """

    path: Annotated[str, Meta(min_length=1, max_length=200)]
    item: ItemId | None = None
    query: Annotated[str, Meta(pattern=r"\S", max_length=MAX_QUERY)] | None = None
    picture: PictureIn | None = None
    k: Annotated[int, Meta(ge=1, le=MAX_K)] = 10
    space: SpaceName | None = None
    source: LegName | None = None
    filter: Filter | None = None

    def __post_init__(self) -> None:
        """Refuse nothing to classify, and two things."""
        if (self.item is None) == (self.query is None and self.picture is None):
            raise ValueError("classify either an item, or words or a picture")


class Classified(Struct, frozen=True, kw_only=True):
    """Classes by votes, the likeliest first.

    `space` is the one that was compared in. `neighbours` voted, at most `k`: fewer where no more have a
    value under `path` and pass the filter; none: `classes` is empty.
    """

    collection: str
    path: str
    space: str
    k: int
    neighbours: int
    classes: list[ClassVote]


def classify(collection: str, request: ClassifyIn) -> Flow[Classified]:
    """Classify by nearest neighbours.

    Raises:
        UnknownName: no such collection, space or item.
        BadVector: the item has no vector in the space.
        BadRequest: no space can be asked with this, or the path is none.
        NoSuchPicture: the stored picture is not in the collection.
        PictureInvalid: the picture cannot be decoded.
        LegUnavailable: the encoder of the space is unavailable.
    """
    spaces: Sequence[Space] = yield ListSpaces(collection)
    question = None
    if request.item is None:
        # Only legs of vectors: numbers on the picture are not read.
        asked = SearchIn(query=request.query, picture=request.picture, legs=[])
        question = yield from build_question(collection, asked, None)
    space = _space(collection, spaces, request.space, question)
    vec = None
    if question is not None:
        vec = yield Encode(space, question.words, question.picture)
    rows: list[ClassVote] = yield classes.classify(
        collection=collection,
        path=request.path,
        item=request.item,
        query_vec=None if vec is None else vector_text(vec),
        k=request.k,
        # Pinned to the generation that the vector was encoded for.
        space=space.pinned,
        only_source=request.source,
        filter=filter_text(request.filter),
    )
    return Classified(
        collection=collection,
        path=request.path,
        space=space.space,
        k=request.k,
        neighbours=len({item for row in rows for item in row.item_ids}),
        classes=rows,
    )


def _space(
    collection: str, spaces: Sequence[Space], wanted: str | None, question: Question | None
) -> Space:
    """Choose the space to compare in; `question` None: by the vectors of an item."""
    fit = [
        space
        for space in spaces
        if wanted in (None, space.space)
        and (question is None or takes(space, question.words, question.picture))
    ]
    if not fit:
        there = ", ".join(f"{s.space} ({s.modality})" for s in spaces) or "none yet"
        raise BadRequest(
            f"no space of {collection} can be asked with this" + (f": {wanted}" if wanted else ""),
            f"Live spaces of the collection: {there}. `seogo embed` makes those that it asks for.",
        )
    return next((space for space in fit if space.space == "text"), fit[0])
