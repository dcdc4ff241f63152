"""Expansion of articles of law by the issues of the decisions that cite them.

A statute says 타인에게 손해를 가한 자; a searcher says 교통사고. Decisions are where both meet: the
points at issue become a field of the articles cited, as documents are expanded by the queries they answer
(Nogueira et al., Document Expansion by Query Prediction, 2019), with real questions, not predicted ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from db.calls.query import fetch
from db.evaluation import query_sets
from db.items import legal
from encoders.training.pairs import TrainingPair
from jobs.training import split
from jobs.types import Conn, OnShare, silent

if TYPE_CHECKING:
    from collections.abc import Sequence

STEP_ARTICLES = 200


class RelateReport(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of relating.

    `issues` include those of articles outside the collection; `kept_out` are issues that a query set asks.
    """

    articles: int
    issues: int
    changed: int
    kept_out: int


def relate(
    conn: Conn,
    collection: str,
    *,
    query_set: str | None = None,
    not_in: Sequence[str] = (),
    most: int = 300,
    on_articles: OnShare = silent,
) -> RelateReport:
    """Refill the field `decisions` of every article; one that nothing cites loses it.

    The role of the connection may write items; the collection has decisions with `cites` in their
    metadata, and the articles they cite. Queries of `query_set` count as issues of what is relevant to
    them; queries of the sets `not_in` are kept out, exactly or nearly, for they would be measured too well
    otherwise. An article has `most` issues, the latest.

    Raises:
        UnknownName: no such collection or query set.
    """
    found = [
        TrainingPair(query=row.issue, positive=row.article, positive_id=row.article)
        for row in fetch(conn, legal.issues(collection=collection))
    ]
    if query_set is not None:
        found += _judged(conn, query_set)
    others = [q for name in not_in for q in fetch(conn, query_sets.queries(query_set=name))]
    kept = split.without(found, split.leaks(found, [q.text for q in others if q.text]))
    texts: dict[str, list[str]] = {}
    for pair in kept:
        texts.setdefault(pair.positive_id, []).append(pair.query)
    related = {row.article: "" for row in fetch(conn, legal.related(collection=collection))}
    related |= {article: "\n".join(lines[:most]) for article, lines in texts.items()}
    changed = 0
    for start in range(0, len(related), STEP_ARTICLES):
        some = dict(list(related.items())[start : start + STEP_ARTICLES])
        changed += len(fetch(conn, legal.relate(collection=collection, texts=some)))
        on_articles(start + len(some), len(related))
    once = split.without(found, [])
    return RelateReport(
        articles=len(fetch(conn, legal.related(collection=collection))),
        issues=len(kept),
        changed=changed,
        kept_out=len(once) - len(kept),
    )


def _judged(conn: Conn, query_set: str) -> list[TrainingPair]:
    asked = {q.external_id: q.text for q in fetch(conn, query_sets.queries(query_set=query_set))}
    return [
        TrainingPair(query=text, positive=row.external_id, positive_id=row.external_id)
        for row in fetch(conn, query_sets.judgments(query_set=query_set, source=None))
        if row.grade > 0 and (text := asked.get(row.query))
    ]
