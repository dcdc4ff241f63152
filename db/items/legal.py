"""What articles of law are told of the decisions that cite them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from psycopg.types.json import Jsonb

from db.calls.query import Query
from db.sqlfiles import statements

if TYPE_CHECKING:
    from collections.abc import Mapping


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """What a decision that cites an article was about."""

    article: str
    issue: str


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """An article, by its external id."""

    article: str


def issues(*, collection: str) -> Query[Issue]:
    """What the decisions of a collection that cite its articles were about, the latest first."""
    return Query(statements("legal")["issues"], {"collection": collection}, Issue)


def related(*, collection: str) -> Query[Article]:
    """The articles whose field `decisions` is filled."""
    return Query(statements("legal")["related"], {"collection": collection}, Article)


def relate(*, collection: str, texts: Mapping[str, str]) -> Query[Article]:
    """Fill the field `decisions` of articles, or take it away where the text is empty; those that changed."""
    params = {"collection": collection, "texts": Jsonb(dict(texts))}
    return Query(statements("legal")["relate"], params, Article)
