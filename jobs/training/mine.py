"""Mining hard negatives with the search engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from db.calls.query import fetch
from db.evaluation import evals
from jobs.training.split import folded
from jobs.types import Conn, OnCount, silent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from db.evaluation.training import PassageRow
    from encoders.base import TextEncoder
    from encoders.training.pairs import TrainingPair

BATCH_QUERIES = 64


class Mining(msgspec.Struct, frozen=True, kw_only=True):
    """Options of mining; see `eval.hard_negatives`. `filter`: what may be a negative; None: all."""

    n: int
    depth: int
    margin: float
    filter: str | None = None


def mine(
    conn: Conn,
    pairs: Sequence[TrainingPair],
    passages: Sequence[PassageRow],
    *,
    collection: str,
    space: str | None,
    encoder: TextEncoder | None,
    mining: Mining,
    on_pair: OnCount = silent,
) -> Iterator[TrainingPair]:
    """Add the hardest negatives of its query to each pair.

    Whatever any pair holds to answer a query is no negative of it.

    Negatives are looked for by words, and in the vector space if one is given with its encoder.

    Raises:
        UnknownName: no such collection or space.
    """
    ids = {p.external_id: p.item_id for p in passages}
    by_id = {p.item_id: p for p in passages}
    answers: dict[str, set[int]] = {}
    for pair in pairs:
        if pair.positive_id in ids:
            answers.setdefault(folded(pair.query), set()).add(ids[pair.positive_id])
    queries = list(dict.fromkeys(pair.query for pair in pairs))
    mined: dict[str, list[PassageRow]] = {}
    for start in range(0, len(queries), BATCH_QUERIES):
        batch = queries[start : start + BATCH_QUERIES]
        vectors = list(encoder.encode_queries(batch)) if encoder else [None] * len(batch)
        for query, vector in zip(batch, vectors, strict=True):
            ask = evals.hard_negatives(
                collection=collection,
                query=query,
                space=space,
                query_vec=vector,
                positives=sorted(answers.get(folded(query), ())),
                **msgspec.structs.asdict(mining),
            )
            mined[query] = [by_id[row.item_id] for row in fetch(conn, ask) if row.item_id in by_id]
        on_pair(min(start + BATCH_QUERIES, len(queries)))
    for pair in pairs:
        found = mined[pair.query]
        yield msgspec.structs.replace(
            pair,
            negatives=[passage.text for passage in found],
            negative_ids=[passage.external_id for passage in found],
        )
