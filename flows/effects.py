"""Effects that flows yield, besides queries: each says what its result is and what it raises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

from db.calls.steps import Steps

if TYPE_CHECKING:
    from db.defects.rows import LiveBank
    from db.evaluation.tuning import Reranker
    from db.spaces.rows import Space
    from encoders.base import Picture
    from encoders.cited.base import CitedSource, Tell, WritingTask
    from encoders.guide.base import Case

T = TypeVar("T")

Flow: TypeAlias = Steps[T]


class Together(NamedTuple):
    """Run flows side by side where the runner can; a list of their results, in their order.

    Raises the first error of a flow.
    """

    flows: Sequence[Flow[Any]]


class ListSpaces(NamedTuple):
    """List the live spaces that a collection feeds; None: all that the caller may see.

    The answer may be a few seconds old unless it is to be `fresh`.
    """

    collection: str | None = None
    fresh: bool = False


class Encode(NamedTuple):
    """Encode a query for a space: float32 of shape (dim,), unit length.

    Raises LegUnavailable: the encoder is unavailable, failed, or took too long.
    """

    space: Space
    words: str
    picture: Picture | None


class EncodeTokens(NamedTuple):
    """Encode the words of a query token by token, for a space of kind multi: its `TokenVectors`.

    Raises LegUnavailable: as `Encode`.
    """

    space: Space
    words: str


class ReadNumbers(NamedTuple):
    """Read part and serial numbers in a picture, the likeliest first; None where nothing reads.

    Raises LegUnavailable: the OCR engine of the collection is unavailable or failed.
    """

    collection: str
    picture: Picture


class ReadText(NamedTuple):
    """Read all lines of text in a picture, a list of `OcrTextLine`, in Korean and English.

    Raises LegUnavailable: no OCR engine is installed, or it failed.
    """

    picture: Picture


class UsedReranker(NamedTuple):
    """Look up the reranker that a collection uses, for words or `by_item`; None where it uses none."""

    collection: str
    by_item: bool = False


class KeepRanking(NamedTuple):
    """Keep a ranking for its further pages, for the caller alone; its id.

    `hits` are rows of `search.hybrid` without their items; `question` identifies the request.
    """

    collection: str
    question: str
    hits: list[dict[str, Any]]


class ReadRanking(NamedTuple):
    """Read a page of a ranking that the caller has kept: a `KeptRanking`; None where it has expired."""

    collection: str
    ranking: str
    skip: int
    k: int


class TestOffered(NamedTuple):
    """The live test of a collection that runs, with who asks: a `flows.live.LiveOffer`, or None.

    `visitor`: as the caller names whoever asks; None: the caller itself.
    """

    collection: str
    visitor: str | None


class Score(NamedTuple):
    """Score texts for a query with a reranker: float64 of shape (len(texts),).

    Raises LegUnavailable: the model is unavailable, is another than was measured, or failed.
    """

    reranker: Reranker
    words: str
    texts: Sequence[str]


class Decode(NamedTuple):
    """Decode a picture's file, or its base64 text: uint8 of shape (height, width, 3), RGB.

    Raises PictureInvalid: it is no picture, is damaged, or exceeds the limits.
    Raises PictureUnavailable: it is not base64.
    """

    data: bytes | str


class Prepare(NamedTuple):
    """Decode a picture's file as a check, for storing: a `db.operations.readings.Decoded`.

    Raises PictureInvalid: as `Decode`.
    """

    data: bytes


class Atomic(NamedTuple):
    """Run steps in one transaction, and return their result; they may be made anew after a deadlock."""

    make_steps: Callable[[], Steps[Any]]


class Compute(NamedTuple):
    """Call a function that takes whole cores for a while, and return its result."""

    work: Callable[..., Any]
    args: tuple[Any, ...] = ()


class Forget(NamedTuple):
    """Drop what is remembered about spaces: perhaps one changed."""


class LoadJudge(NamedTuple):
    """Load a memory bank with its backbone, ready to judge pictures.

    Raises LegUnavailable: the backbone is unavailable, or another than the bank was made by.
    """

    bank: LiveBank


class LookAt(NamedTuple):
    """Have a model describe a picture by its file and that of its map: an `encoders.guide.look.PictureLook`.

    None where the settings name no model.

    Raises LegUnavailable: the server is unavailable, or gave no answer.
    """

    case: Case
    images: Sequence[bytes]


class Write(NamedTuple):
    """Write statements that cite sources, by the language model: a `WritingOutcome` of `encoders.cited`.

    `tell` is called with each statement as soon as it is checked, where somebody waits for it; maybe from
    another thread.
    """

    task: WritingTask
    sources: list[CitedSource]
    tell: Tell | None = None
