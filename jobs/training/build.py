"""Pairs from what a collection knows: judged queries, titles, citations from one article to another."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from db.calls.query import fetch
from db.evaluation import query_sets, training
from encoders.training.pairs import TrainingPair
from jobs.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import psycopg

    from db.evaluation.training import PassageRow

# The id of a query or an item without its last part: what one document's have in common.
GROUP = r"^(.+)[_#:-][^_#:-]+$"
STEP_ITEMS = 500
_SENTENCE_END = re.compile(r"(?<=다\.)\s|(?<=[.?!])\s+(?=[^0-9가-하])|[①-⑳]|\s(?=\d{1,2}\.\s)")
_ARTICLE = re.compile(r"^제[0-9-]+조(?:의[0-9]+)?(?:\s*제[0-9]+항)?\s*")
SHORTEST_SENTENCE = 25


class NoPairs(JobError):
    """There is nothing to make pairs from."""


def judged(
    conn: psycopg.Connection[Any],
    passages: Sequence[PassageRow],
    query_set: str,
    *,
    source: str | None = None,
    group: str = GROUP,
) -> list[TrainingPair]:
    """A pair of each query with each item that is relevant to it and in the collection.

    Args:
        conn: a connection.
        passages: of the collection.
        query_set: whose queries; those without a text are left out.
        source: of the judgments; None: the only one.
        group: regular expression whose first group says which queries belong together, from their id.

    Raises:
        UnknownName: no such query set or source.
    """
    texts = {p.external_id: p for p in passages}
    asked = {q.external_id: q.text for q in fetch(conn, query_sets.queries(query_set=query_set))}
    found = []
    for judgment in fetch(conn, query_sets.judgments(query_set=query_set, source=source)):
        query, passage = asked.get(judgment.query), texts.get(judgment.external_id)
        if judgment.grade > 0 and query and passage is not None:
            found.append(
                TrainingPair(
                    query=query,
                    positive=passage.text,
                    group=group_of(judgment.query, group),
                    source="judgments",
                    query_id=judgment.query,
                    positive_id=passage.external_id,
                )
            )
    return found


def titled(passages: Sequence[PassageRow], title: str, context: str) -> list[TrainingPair]:
    """A pair of each item with its title, asked in its context: `민법 불법행위의 내용`.

    The number of the article is left out of it: that would be found by the number.
    """
    found = []
    for passage in passages:
        words = _ARTICLE.sub("", passage.fields.get(title, "")).strip(" ()（）")
        if not words:
            continue
        query = " ".join(filter(None, (passage.fields.get(context, ""), words)))
        found.append(_own(passage, query, passage, "title"))
    return found


def referenced(
    conn: psycopg.Connection[Any],
    collection: str,
    passages: Sequence[PassageRow],
    *,
    text: str,
    law: str,
    on_items: Callable[[int], None] = lambda _n: None,
) -> list[TrainingPair]:
    """A pair of each sentence that cites one other article with that article.

    Sentences that cite several are left out: which of them they are about is not known. So are short
    ones, which say nothing without what they cite.

    Args:
        conn: a connection.
        collection: the passages'.
        passages: of the collection.
        text: field that is searched for citations.
        law: field with the name of the law, for citations without one.
        on_items: told how many items are done.

    Raises:
        UnknownName: no such collection.
    """
    by_id = {p.item_id: p for p in passages}
    found = []
    for item_id, cited in _citations(conn, collection, list(by_id), (text, law), on_items):
        passage = by_id[item_id]
        for sentence in _SENTENCE_END.split(passage.fields.get(text, "")):
            named = {target for at, target in cited if _squeezed(at) in _squeezed(sentence)}
            targets = [by_id[t] for t in named if t in by_id and t != item_id]
            if len(named) == 1 and targets and len(sentence.strip()) >= SHORTEST_SENTENCE:
                found.append(_own(passage, sentence.strip(), targets[0], "reference"))
    return found


def group_of(name: str, pattern: str) -> str:
    """What names of one document have in common; the whole name where the pattern does not fit."""
    fits = re.match(pattern, name)
    return fits[1] if fits else name


def _own(passage: PassageRow, query: str, positive: PassageRow, source: str) -> TrainingPair:
    """A pair whose query is from an item; the law it stands in is its group."""
    return TrainingPair(
        query=query,
        positive=positive.text,
        group=str(passage.metadata.get("doc") or passage.external_id),
        source=source,
        query_id=passage.external_id,
        positive_id=positive.external_id,
    )


def _citations(
    conn: psycopg.Connection[Any],
    collection: str,
    ids: Sequence[int],
    fields: tuple[str, str],
    on_items: Callable[[int], None],
) -> Iterator[tuple[int, list[tuple[str, int]]]]:
    """Items with what they cite: the citation's text, and the item it means."""
    known = set(ids)
    for start in range(0, len(ids), STEP_ITEMS):
        step = ids[start : start + STEP_ITEMS]
        ask = training.all_citations(
            collection=collection,
            text_field=fields[0],
            law_field=fields[1],
            first_id=step[0],
            last_id=step[-1],
        )
        cited: dict[int, list[tuple[str, int]]] = {}
        for row in fetch(conn, ask):
            if row.item_id in known:
                cited.setdefault(row.item_id, []).append((row.cited, row.cited_item_id))
        yield from cited.items()
        on_items(start + len(step))


def _squeezed(words: str) -> str:
    return re.sub(r"\s+", "", words)
