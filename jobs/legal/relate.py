"""Tells articles of law what the decisions that cite them were about, in the words of the courts.

A statute says 타인에게 손해를 가한 자; whoever looks for it says 교통사고. Decisions are where both meet: the
points at issue become a field of the articles cited, as documents are expanded by the queries they answer
(Nogueira et al., Document Expansion by Query Prediction, 2019), with real questions, not predicted ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from db.calls.query import fetch
from db.evaluation import query_sets
from db.items import legal
from encoders.training.pairs import TrainingPair
from jobs.training import split

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import psycopg

STEP_ARTICLES = 200


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What relating did.

    Attributes:
        articles: that are told something now.
        issues: points at issue by article, those of articles that are not in the collection too.
        changed: articles that were told something else before.
        kept_out: points at issue that were left out, as a query set asks them.
    """

    articles: int
    issues: int
    changed: int
    kept_out: int


def relate(
    conn: psycopg.Connection[Any],
    collection: str,
    *,
    query_set: str | None = None,
    not_in: Sequence[str] = (),
    most: int = 300,
    on_articles: Callable[[int, int], None] = lambda _done, _all: None,
) -> Report:
    """Fill the field `decisions` of every article, anew; one that nothing cites any more loses it.

    Args:
        conn: autocommit connection of somebody who may write items.
        collection: decisions with `cites` in their metadata, and the articles they cite.
        query_set: judged queries that count as points at issue of what is relevant to them.
        not_in: query sets whose queries are kept out, word for word or nearly: what is measured on
            them would be too good otherwise.
        most: points at issue of one article, the latest.
        on_articles: called with how many articles are written, and of how many.

    Raises:
        UnknownName: no such collection or query set.
    """
    found = [
        TrainingPair(query=row.issue, positive=row.article, positive_id=row.article)
        for row in fetch(conn, legal.issues(collection=collection))
    ]
    if query_set is not None:
        found += _judged(conn, query_set)
    asked = [
        q.text for name in not_in for q in fetch(conn, query_sets.queries(query_set=name)) if q.text
    ]
    kept = split.without(found, split.leaks(found, asked))
    texts: dict[str, list[str]] = {}
    for pair in kept:
        texts.setdefault(pair.positive_id, []).append(pair.query)
    told = {row.article: "" for row in fetch(conn, legal.related(collection=collection))}
    told |= {article: "\n".join(lines[:most]) for article, lines in texts.items()}
    changed = 0
    for start in range(0, len(told), STEP_ARTICLES):
        some = dict(list(told.items())[start : start + STEP_ARTICLES])
        changed += len(fetch(conn, legal.relate(collection=collection, texts=some)))
        on_articles(start + len(some), len(told))
    once = split.without(found, [])
    return Report(
        articles=len(fetch(conn, legal.related(collection=collection))),
        issues=len(kept),
        changed=changed,
        kept_out=len(once) - len(kept),
    )


def _judged(conn: psycopg.Connection[Any], query_set: str) -> list[TrainingPair]:
    asked = {q.external_id: q.text for q in fetch(conn, query_sets.queries(query_set=query_set))}
    return [
        TrainingPair(query=text, positive=row.external_id, positive_id=row.external_id)
        for row in fetch(conn, query_sets.judgments(query_set=query_set, source=None))
        if row.grade > 0 and (text := asked.get(row.query))
    ]
