"""Building training pairs from judged queries, titles and citations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from db.calls.query import fetch
from db.evaluation import query_sets, training
from db.items import legal
from encoders.training.pairs import TrainingPair
from jobs.errors import JobError
from jobs.types import Conn, OnCount, silent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from db.evaluation.training import PassageRow

# The id of a query or an item without its last part: what one document's have in common.
GROUP = r"^(.+)[_#:-][^_#:-]+$"
STEP_ITEMS = 500
_SENTENCE_END = re.compile(r"(?<=다\.)\s|(?<=[.?!])\s+(?=[^0-9가-하])|[①-⑳]|\s(?=\d{1,2}\.\s)")
_ARTICLE = re.compile(r"^제[0-9-]+조(?:의[0-9]+)?(?:\s*제[0-9]+항)?\s*")
SHORTEST_SENTENCE = 25


class NoPairs(JobError):
    """There is no source of pairs."""


def judged(
    conn: Conn,
    passages: Sequence[PassageRow],
    query_set: str,
    *,
    source: str | None = None,
    group: str = GROUP,
) -> list[TrainingPair]:
    """Pair each query with each relevant item of the collection.

    The question of a query that is an item is the item's own text. Queries with neither are left out. The
    first group of the expression `group` says which queries belong together, from their ids.

    Raises:
        UnknownName: no such query set or source.
    """
    texts = {p.external_id: p for p in passages}
    asked = {
        q.external_id: texts[q.item].text if q.item in texts and not q.text else q.text
        for q in fetch(conn, query_sets.queries(query_set=query_set))
    }
    found = []
    for judgment in fetch(conn, query_sets.judgments(query_set=query_set, source=source)):
        query, passage = asked.get(judgment.query), texts.get(judgment.external_id)
        if judgment.grade > 0 and query and passage is not None and query != passage.text:
            shared = group_of(judgment.query, group)
            found.append(_pair(query, passage, shared, "judgments", judgment.query))
    return found


def titled(passages: Sequence[PassageRow], title: str, context: str) -> list[TrainingPair]:
    """Pair each item with its title in context: `민법 불법행위의 내용`.

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
    conn: Conn,
    collection: str,
    passages: Sequence[PassageRow],
    *,
    text: str,
    law: str,
    on_items: OnCount = silent,
) -> list[TrainingPair]:
    """Pair each sentence that cites one other article with that article.

    Sentences that cite several are left out: which of them they are about is not known. So are short
    ones, which say nothing without what they cite.

    Citations are searched in the field `text`; the field `law` names the law of those without one.

    Raises:
        UnknownName: no such collection.
    """
    by_id = {p.item_id: p for p in passages}
    found = []
    for item_id, cited in _citations(conn, collection, passages, (text, law), on_items):
        passage = by_id[item_id]
        for sentence in _SENTENCE_END.split(passage.fields.get(text, "")):
            named = {target for at, target in cited if _squeezed(at) in _squeezed(sentence)}
            targets = [by_id[t] for t in named if t in by_id and t != item_id]
            if len(named) == 1 and targets and len(sentence.strip()) >= SHORTEST_SENTENCE:
                found.append(_own(passage, sentence.strip(), targets[0], "reference"))
    return found


def decided(
    conn: Conn, collection: str, passages: Sequence[PassageRow], *, group: str = GROUP
) -> list[TrainingPair]:
    """Pair each point at issue of a decision with each article that the decision cites for it (참조조문).

    Decisions are items of the collection whose metadata list their citations (`cites`), a point each;
    what they have in common in their ids, by the first group of the expression `group`, is one document.

    Raises:
        UnknownName: no such collection.
    """
    texts = {p.external_id: p for p in passages}
    return [
        _pair(
            row.issue, texts[row.article], group_of(row.decision, group), "decision", row.decision
        )
        for row in fetch(conn, legal.issues(collection=collection))
        if row.article in texts and row.issue.strip()
    ]


def group_of(name: str, pattern: str) -> str:
    """The part that names of one document share; the whole name where the pattern does not fit."""
    fits = re.match(pattern, name)
    return fits[1] if fits else name


def _own(passage: PassageRow, query: str, positive: PassageRow, source: str) -> TrainingPair:
    """A pair whose query is from an item; the law it stands in is its group."""
    group = str(passage.metadata.get("doc") or passage.external_id)
    return _pair(query, positive, group, source, passage.external_id)


def _pair(query: str, positive: PassageRow, group: str, source: str, query_id: str) -> TrainingPair:
    return TrainingPair(
        query=query,
        positive=positive.text,
        group=group,
        source=source,
        query_id=query_id,
        positive_id=positive.external_id,
    )


def _citations(
    conn: Conn,
    collection: str,
    passages: Sequence[PassageRow],
    names: tuple[str, str],
    on_items: OnCount,
) -> Iterator[tuple[int, list[tuple[str, int]]]]:
    """Items with their citations: the text, and the cited item."""
    text, law = names
    for start in range(0, len(passages), STEP_ITEMS):
        step = passages[start : start + STEP_ITEMS]
        ask = training.all_citations(
            collection=collection,
            item_ids=[one.item_id for one in step],
            texts=[one.fields.get(text) for one in step],
            laws=[one.fields.get(law) for one in step],
        )
        cited: dict[int, list[tuple[str, int]]] = {}
        for row in fetch(conn, ask):
            cited.setdefault(row.item_id, []).append((row.cited, row.cited_item_id))
        yield from cited.items()
        on_items(start + len(step))


def _squeezed(words: str) -> str:
    return re.sub(r"\s+", "", words)
