"""Lists of a collection's legs for queries made from its own texts.

A query is words of an item, so a leg would find the item by the very words it was made of, and the leg of
words most easily. Each leg has to find it without them: its score of words is that of the item less the
words asked, its vectors are those of what is left. All other items are as they are.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple, cast

import msgspec
import numpy as np

from db.calls.query import fetch
from db.evaluation import selftune
from db.evaluation.tuning import Answer, LegList
from db.search.legs import vector_text
from db.spaces import embedding
from encoders.sparse.rows import product
from jobs.tuning.lists import Lists, arrays
from jobs.types import Conn, OnStep, silent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from db.evaluation.selftune import FoundByWords, MadeQuery
    from db.spaces.rows import Space
    from encoders.base import MultiVectorEncoder, SparseEncoder, TextEncoder, Vectors
    from flows.encoding import Encoders

# As deep as a leg of a search looks that does not say so.
DEPTH = 100
WORDS, NUMBERS = "lexical", "identifier"
# A query that so many others answer word for word asks for none of them.
MOST_ALIKE = 5
# Encoded at once.
BATCH = 32


class AskOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of asking: queries in all, items that they are made from, and the seed of the draw."""

    queries_n: int = 500
    items_n: int = 1000
    seed: int = 1


class Made(NamedTuple):
    """Queries with what the legs listed for them.

    Attributes:
        lists: see `Lists`; a query has one right answer, the item that it was made from.
        strata: of each query: its field, and whether all of its words were asked.
        unjudged: spaces of pictures, of which a text says nothing.
    """

    lists: Lists
    strata: list[str]
    unjudged: list[str]


class LegRanking(NamedTuple):
    """A list of items of one leg, best first."""

    ids: list[int]
    scores: list[float]

    def with_own(self, item_id: int, own: float | None, without: Iterable[int] = ()) -> LegRanking:
        """The list with another score of an item, None: not found, and without others; ties by id."""
        left_out = {item_id, *without}
        pairs = [p for p in zip(self.ids, self.scores, strict=True) if p[0] not in left_out]
        if own is not None:
            pairs.append((item_id, own))
        pairs.sort(key=lambda pair: (-pair[1], pair[0]))
        return LegRanking([i for i, _ in pairs[:DEPTH]], [s for _, s in pairs[:DEPTH]])


def ask(
    conn: Conn,
    collection: str,
    encoders: Encoders,
    options: AskOptions = AskOptions(),  # noqa: B008
    on_step: OnStep = silent,
) -> Made:
    """Make queries from a collection's texts and clicks, and ask every leg for them.

    Raises:
        UnknownName: no such collection.
        EncoderError: the model of a space cannot be loaded.
    """
    drawn = selftune.made_queries(collection=collection, items_n=options.items_n, seed=options.seed)
    clicked = selftune.clicked_queries(
        collection=collection, queries_n=options.queries_n, seed=options.seed
    )
    made = chosen([*fetch(conn, clicked), *fetch(conn, drawn)], options.queries_n)
    found = []
    for done, query in enumerate(made, start=1):
        found.append((query, _by_words(conn, collection, query)))
        on_step("words", done, len(made))
    kept = [(query, words) for query, words in found if len(words.alike) <= MOST_ALIKE]
    asked, alike = [query for query, _ in kept], [words.alike for _, words in kept]
    legs = {
        NUMBERS: [
            LegRanking(w.number_ids, w.number_scores).with_own(0, None, w.alike) for _, w in kept
        ],
        WORDS: [LegRanking(w.ids, w.scores).with_own(q.item_id, w.own, w.alike) for q, w in kept],
    }
    spaces = fetch(conn, embedding.live_spaces(collection=collection))
    for space in (s for s in spaces if s.modality == "text"):
        encoder = cast("TextEncoder", encoders.of(space))
        legs[space.space] = _by_vectors(conn, collection, space, encoder, asked, alike, on_step)
    strata = [f"{query.field}, {query.form}" for query in asked]
    return Made(_lists(asked, legs), strata, [s.space for s in spaces if s.modality != "text"])


def chosen(made: Sequence[MadeQuery], n: int) -> list[MadeQuery]:
    """At most n queries, as many of each field and form as there are, turn by turn."""
    strata: dict[tuple[str, str], list[MadeQuery]] = defaultdict(list)
    for query in made:
        strata[query.field, query.form].append(query)
    found: list[MadeQuery] = []
    for turn in range(max(map(len, strata.values()), default=0)):
        found += [queries[turn] for queries in strata.values() if turn < len(queries)]
        if len(found) >= n:
            break
    return found[:n]


def _by_words(conn: Conn, collection: str, query: MadeQuery) -> FoundByWords:
    about = {
        name: getattr(query, name) for name in ("item_id", "query", "field", "piece", "fields")
    }
    # One more than a leg lists: the item itself may be among them and fall out.
    call = selftune.found_by_words(collection=collection, depth=DEPTH + MOST_ALIKE + 1, **about)
    return fetch(conn, call)[0]


def _by_vectors(
    conn: Conn,
    collection: str,
    space: Space,
    encoder: TextEncoder,
    asked: Sequence[MadeQuery],
    alike: Sequence[Sequence[int]],
    on_step: OnStep,
) -> list[LegRanking]:
    found = []
    for start in range(0, len(asked), BATCH):
        part = asked[start : start + BATCH]
        vectors = encoder.encode_queries([query.query for query in part])
        for query, vector, others in zip(part, vectors, alike[start:], strict=False):
            asks = selftune.found_by_vector(
                space=space.pinned,
                vec=vector_text(vector),
                depth=DEPTH + MOST_ALIKE + 1,
                collection=collection,
            )
            (near,) = fetch(conn, asks)
            listed = LegRanking(near.ids, near.scores)
            contents = query.contents.get(space.space)
            if contents is None:  # its vectors do not stand for the words asked
                own = dict(zip(listed.ids, listed.scores, strict=True)).get(query.item_id)
            else:
                own = _nearness(encoder, vector, contents.values())
            found.append(listed.with_own(query.item_id, own, others))
            on_step(space.space, len(found), len(asked))
    return found


def _nearness(encoder: TextEncoder, vector: Vectors, texts: Iterable[str]) -> float | None:
    """Similarity of the nearest window of any text, as its space has it; None where there is none."""
    windows = [window.text for text in texts for window in encoder.windows(text)]
    if windows and encoder.spec.kind == "multi":
        asked = vector.reshape(-1, encoder.spec.dim)
        found = cast("MultiVectorEncoder", encoder).passage_tokens(windows)
        return max(float((asked @ one.vectors.T).max(axis=1).mean()) for one in found)
    if windows and encoder.spec.kind == "sparse":
        weighed = cast("SparseEncoder", encoder).passage_weights(windows)
        return max(product(vector, one) for one in weighed)
    if not windows:
        return None
    return float(np.max(encoder.encode_passages(windows) @ vector))


def _lists(asked: Sequence[MadeQuery], legs: dict[str, list[LegRanking]]) -> Lists:
    names = [f"{at}" for at in range(len(asked))]
    answers, given = [], []
    for at, (name, query) in enumerate(zip(names, asked, strict=True)):
        ids = sorted({query.item_id, *(i for lists in legs.values() for i in lists[at].ids)})
        answers.append(Answer(query=name, external_ids=[str(i) for i in ids], item_ids=list(ids)))
        given += [_leg_list(name, leg, ids, lists[at]) for leg, lists in sorted(legs.items())]
    truth = {name: {str(query.item_id): 1} for name, query in zip(names, asked, strict=True)}
    return arrays(answers, given, truth)


def _leg_list(query: str, leg: str, ids: Sequence[int], ranking: LegRanking) -> LegList:
    at = {item: place for place, item in enumerate(ranking.ids)}
    scores = np.array(ranking.scores or [0.0])
    return LegList(
        query=query,
        leg=leg,
        ranks=[at[i] + 1 if i in at else None for i in ids],
        scores=[ranking.scores[at[i]] if i in at else None for i in ids],
        low=float(scores.min()),
        high=float(scores.max()),
        deviation=float(scores.std()),
    )
