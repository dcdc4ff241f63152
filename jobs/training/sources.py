"""Sources of training pairs: which are asked for, and the pairs of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from db.calls.query import fetch
from db.evaluation import query_sets, training
from jobs.training import build, split
from jobs.types import Conn, OnCount, silent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.evaluation.training import PassageRow
    from encoders.training.pairs import TrainingPair

Kind = Literal["law", "rule", "decision"]
# What the recipe `legal` calls them in the metadata of items.
KINDS: dict[Kind, str] = {"law": "law", "rule": "admin_rule", "decision": "precedent"}


def kind_filter(kinds: Sequence[Kind]) -> str | None:
    """Filter of a search that finds items of these kinds; None where none is named: all."""
    asked = " || ".join(f'$.kind == "{KINDS[kind]}"' for kind in kinds)
    return asked or None


class Sources(msgspec.Struct, frozen=True, kw_only=True):
    """Sources that pairs are made of.

    Attributes:
        query_set: judged queries.
        titles: items by their titles.
        references: sentences by the article they cite.
        decisions: points at issue by the articles that their decisions cite.
        group: expression whose first group is what ids of one document share.
        title: field with the title.
        context: field with the name of the law.
        text: field searched for citations.
    """

    query_set: str | None = None
    titles: bool = False
    references: bool = False
    decisions: bool = False
    group: str = build.GROUP
    title: str = "heading"
    context: str = "law"
    text: str = "text"


class KeptApart(NamedTuple):
    """Pairs without what a query set asks.

    Attributes:
        pairs: those that are left.
        alike: questions left out because a set asks them, word for word or nearly.
        siblings: pairs of decisions left out because another point of theirs is in a set.
    """

    pairs: list[TrainingPair]
    alike: int
    siblings: int


def passages(
    conn: Conn, collection: str, space: str, kinds: Sequence[Kind] = ()
) -> list[PassageRow]:
    """Read the items that a space embeds, of some kinds of legal documents; none named: all.

    Raises:
        UnknownName: no such collection.
        NoPairs: the collection has none of these kinds.
    """
    return of_kinds(fetch(conn, training.passages(collection=collection, space=space)), kinds)


def of_kinds(found: list[PassageRow], kinds: Sequence[Kind]) -> list[PassageRow]:
    """Take the passages of some kinds; none named: all.

    Raises:
        NoPairs: there are none of these kinds.
    """
    wanted = {KINDS[kind] for kind in kinds}
    kept = [passage for passage in found if not wanted or passage.metadata.get("kind") in wanted]
    if wanted and not kept:
        there = sorted({str(p.metadata.get("kind")) for p in found})
        raise build.NoPairs(
            f"the collection has no passage of kind {', '.join(kinds)}",
            f"leave --kind out; kinds in the metadata: {', '.join(there) or 'none'}",
        )
    return kept


def pairs(
    conn: Conn,
    collection: str,
    given: Sequence[PassageRow],
    sources: Sources,
    on_items: OnCount = silent,
) -> list[TrainingPair]:
    """Make the pairs of all sources asked for; `given` are the passages that may answer.

    Raises:
        UnknownName: no such collection or query set.
        NoPairs: none was made.
    """
    found: list[TrainingPair] = []
    if sources.query_set:
        found += build.judged(conn, given, sources.query_set, group=sources.group)
    if sources.decisions:
        found += build.decided(conn, collection, given, group=sources.group)
    if sources.titles:
        found += build.titled(given, sources.title, sources.context)
    if sources.references:
        found += build.referenced(
            conn, collection, given, text=sources.text, law=sources.context, on_items=on_items
        )
    if not found:
        raise build.NoPairs(
            "no pair was made",
            "give --set, --decisions, --titles or --references; decisions need items with `cites` in their"
            " metadata (`seogo legal import` of PrecService files)",
        )
    return found


def kept_apart(
    conn: Conn, found: Sequence[TrainingPair], query_sets_: Sequence[str], group: str = build.GROUP
) -> KeptApart:
    """Leave out what query sets ask, word for word or nearly, and other points of the same decisions.

    Raises:
        UnknownName: no such query set.
    """
    asked = [q for name in query_sets_ for q in fetch(conn, query_sets.queries(query_set=name))]
    leaked = split.leaks(found, [query.text for query in asked if query.text])
    once = split.without(found, leaked)
    documents = {build.group_of(query.external_id, group) for query in asked}
    # Other queries' ids are of anybody's making; a decision's name its document for certain.
    left = [p for p in once if p.source != "decision" or p.group not in documents]
    return KeptApart(left, len(leaked), len(once) - len(left))
