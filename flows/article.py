"""An article in its place: parts, versions with what changed, neighbours, and citations both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from db.items import articles
from db.items.articles import ArticlePart, Beside, CitationLink, PartChange, Version
from flows.effects import Flow, Together

if TYPE_CHECKING:
    from db.calls.query import Query

T = TypeVar("T")

# Of each way of citing.
MOST_LINKED = 50


class ArticleOut(Struct, frozen=True, kw_only=True):
    """An article in its place; every list is empty for an item that has none of it.

    `changes` compare the item with the version before, or with the one that was named. `links` are what it
    `cites`, what of its `decree` or rule cites it, and by what else it is `cited`, at most 50 of each.
    """

    versions: list[Version]
    changes: list[PartChange]
    parts: list[ArticlePart]
    beside: list[Beside]
    links: list[CitationLink]


def article(
    item_id: int, *, query: str | None = None, earlier: int | None = None
) -> Flow[ArticleOut]:
    """Show an article in its place; of each part how many words of `query` it has.

    The caller has made sure that the item is there and may be seen.
    """
    versions, changes, parts, beside, links = yield Together(
        [
            _rows(articles.versions(item_id=item_id)),
            _rows(articles.changes(earlier_id=earlier, later_id=item_id)),
            _rows(articles.parts(item_id=item_id, query=query)),
            _rows(articles.beside(item_id=item_id)),
            _rows(articles.citing(item_id=item_id, most_n=MOST_LINKED)),
        ]
    )
    return ArticleOut(versions=versions, changes=changes, parts=parts, beside=beside, links=links)


def _rows(query: Query[T]) -> Flow[list[T]]:
    rows: list[T] = yield query
    return rows
