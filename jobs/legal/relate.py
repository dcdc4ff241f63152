"""Expansion of articles of law by the issues of the decisions that cite them.

A statute says 타인에게 손해를 가한 자; a searcher says 교통사고. Decisions are where both meet: the
points at issue become a field of the articles cited, as documents are expanded by the queries they answer
(Nogueira et al., Document Expansion by Query Prediction, 2019), with real questions, not predicted ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from db.calls.query import fetch
from db.evaluation import query_sets
from db.items import legal
from encoders.training.pairs import TrainingPair
from jobs.training import split
from jobs.training.build import GROUP, group_of
from jobs.training.sources import kept_apart
from jobs.types import Conn, OnShare, silent

if TYPE_CHECKING:
    from collections.abc import Sequence

STEP_ARTICLES = 200
# Points at issue of an article, the latest.
MOST = 300


class RelateReport(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of relating.

    `issues` include those of articles outside the collection; `kept_out` are issues that a query set asks.
    """

    articles: int
    issues: int
    changed: int
    kept_out: int


class Points(NamedTuple):
    """Points at issue, each as a pair with an article that its decision cites; how many were kept out."""

    pairs: list[TrainingPair]
    kept_out: int


def read_points(
    conn: Conn, collection: str, *, query_set: str | None = None, not_in: Sequence[str] = ()
) -> Points:
    """Read the points at issue of the decisions of a collection, the latest first.

    The collection has decisions with `cites` in their metadata, and the articles they cite. Queries of
    `query_set` count as issues of what is relevant to them. Kept out are queries of the sets `not_in`,
    exactly or nearly, and other points of their decisions: they would be measured too well otherwise.

    Raises:
        UnknownName: no such collection or query set.
    """
    found = [
        _point(row.issue, row.article, row.decision, "decision")
        for row in fetch(conn, legal.issues(collection=collection))
    ]
    if query_set is not None:
        asked = {
            q.external_id: q.text for q in fetch(conn, query_sets.queries(query_set=query_set))
        }
        found += [
            _point(text, row.external_id, row.query, "judgments")
            for row in fetch(conn, query_sets.judgments(query_set=query_set, source=None))
            if row.grade > 0 and (text := asked.get(row.query))
        ]
    kept = kept_apart(conn, found, not_in).pairs
    return Points(kept, len(split.without(found, [])) - len(kept))


def relate(
    conn: Conn,
    collection: str,
    points: Points,
    *,
    most: int = MOST,
    on_articles: OnShare = silent,
) -> RelateReport:
    """Refill the field `decisions` of every article; one that nothing cites loses it.

    The role of the connection may write items. An article has `most` issues, the latest.

    Raises:
        UnknownName: no such collection.
    """
    texts: dict[str, list[str]] = {}
    for pair in points.pairs:
        texts.setdefault(pair.positive_id, []).append(pair.query)
    related = {row.article: "" for row in fetch(conn, legal.related(collection=collection))}
    related |= {article: "\n".join(lines[:most]) for article, lines in texts.items()}
    changed = 0
    for start in range(0, len(related), STEP_ARTICLES):
        some = dict(list(related.items())[start : start + STEP_ARTICLES])
        changed += len(fetch(conn, legal.relate(collection=collection, texts=some)))
        on_articles(start + len(some), len(related))
    return RelateReport(
        articles=len(fetch(conn, legal.related(collection=collection))),
        issues=len(points.pairs),
        changed=changed,
        kept_out=points.kept_out,
    )


def _point(issue: str, article: str, decision: str, source: str) -> TrainingPair:
    return TrainingPair(
        query=issue,
        positive=article,
        positive_id=article,
        query_id=decision,
        group=group_of(decision, GROUP),
        source=source,
    )
