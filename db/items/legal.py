"""Articles of law and the decisions that cite them."""

from __future__ import annotations

import msgspec

from db.calls.call import statement


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """The issue of a decision that cites an article; `decision` is the external id of the item."""

    decision: str
    article: str
    issue: str


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """An article, by its external id."""

    article: str


# What the decisions that cite the articles of a collection were about, the latest first.
issues = statement("items", "issues", Issue)
# The articles whose field `decisions` is filled.
related = statement("items", "related", Article)
# Fill the field `decisions` from texts by article, or remove it where the text is empty; those that changed.
relate = statement("items", "relate", Article, json=("texts",))
