"""An answer to a question: passages of one search, and statements that cite them, each checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal, NamedTuple

from msgspec import Meta, Struct

from db.search import answers
from db.search.answers import CitedSentence, FoundPassage
from encoders.cited.base import CitedSource, Statement, Tell, WritingTask
from encoders.cited.registry import NAME, WritingOutcome
from encoders.guide.base import LANGUAGES
from flows.effects import Flow, Write
from flows.search.correction import DidYouMean
from flows.search.filters import AsOf, Filter
from flows.search.request import SearchIn
from flows.search.run import SearchAnswer, search

MAX_QUESTION = 2000
# Of a passage, in characters.
SIZE = 500
EACH = 2
_TASK = (
    "You answer a question from passages that a search found. Use nothing but the numbered passages below."
    " Write at most {n} statements in {language}. Where no passage answers the question, write none."
    "\nQuestion: {question}"
)
_HANGUL = range(ord("가"), ord("힣") + 1)

Refusal = Literal["nothing_found", "weak", "no_sentence", "not_answered"]
# Called with the name of an event, `passages` or `statement`, and what it brings; maybe from another thread.
Told = Callable[[str, Any], None]


class AskIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question to a collection.

    `k`: items whose best passages are read, `n`: statements at most. `filter`, `as_of`, `profile` and
    `rerank` are those of a search. `language` of the answer; by default that of the question. `writer`:
    `model` is the language model of the settings where there is one, `extractive` the best sentences of the
    passages.
    """

    question: Annotated[str, Meta(pattern=r"\S", max_length=MAX_QUESTION)]
    k: Annotated[int, Meta(ge=1, le=20)] = 5
    n: Annotated[int, Meta(ge=1, le=12)] = 4
    filter: Filter | None = None
    as_of: AsOf | None = None
    profile: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    rerank: bool = True
    language: Literal["ko", "en"] | None = None
    writer: Literal["model", "extractive"] = "model"


class AskPassage(Struct, frozen=True, kw_only=True):
    """A passage of an item, cited by its number.

    `part`: of an article of law, such as ①. `start`: its first character in the field, from 1. `score`: the
    share of the question's words that it has, weighted by their rarity, in [0, 1].
    """

    number: int
    item_id: int
    external_id: str
    title: str
    field: str
    part: str | None
    start: int
    text: str
    score: float


class AskAnswer(Struct, frozen=True, kw_only=True):
    """An answer made of statements; each cites passages by their numbers, all of which exist.

    `refused` says why there is none: nothing_found, weak (all that was found is as near as chance brings),
    no_sentence (no sentence has enough of the question), not_answered (the model says that no passage
    answers it). `dropped`: statements of the model without a valid citation. `degraded`: what was left out of
    the search or of the answer, and why; `weak_why` as in a search.
    """

    question: str
    language: str
    writer: str
    statements: list[Statement]
    passages: list[AskPassage]
    refused: Refusal | None
    dropped: int
    degraded: list[str]
    weak_why: list[str]
    did_you_mean: DidYouMean | None


class AskResult(NamedTuple):
    """An answer, with the search that it is from."""

    answer: AskAnswer
    request: SearchIn
    found: SearchAnswer


class _Said(NamedTuple):
    """Statements made of passages, or the reason why there are none."""

    writer: str
    statements: list[Statement]
    refused: Refusal | None = None
    dropped: int = 0
    notes: Sequence[str] = ()


def ask(collection: str, request: AskIn, tell: Told | None = None) -> Flow[AskResult]:
    """Answer a question from a collection.

    Args:
        collection: where to search.
        request: the question.
        tell: called with the passages, then with each statement, as they come.

    Raises:
        UnknownName: no such collection.
        NoLegLeft: every leg of the search had to be left out.
        BadRequest: the filter, the day or the profile is refused.
    """
    asked = _search_in(request)
    found = yield from search(collection, asked)
    meant = found.did_you_mean
    where = {
        "collection": collection,
        "query": meant.query if meant is not None and meant.applied else request.question,
        "item_ids": [hit.item_id for hit in found.hits],
        "each_n": EACH,
        "size_n": SIZE,
    }
    rows: list[FoundPassage] = yield answers.passages(**where)
    passages = [_passage(row) for row in rows]
    if tell is not None:
        tell("passages", passages)
    language = request.language or _language(request.question)
    said = yield from _said(request, found, passages, where, language, tell)
    answer = AskAnswer(
        question=request.question,
        language=language,
        passages=passages,
        degraded=[*found.degraded, *_unread(rows), *said.notes],
        weak_why=found.nearness.why,
        did_you_mean=meant,
        writer=said.writer,
        statements=said.statements,
        refused=said.refused,
        dropped=said.dropped,
    )
    return AskResult(answer, asked, found)


def _search_in(request: AskIn) -> SearchIn:
    return SearchIn(
        query=request.question,
        k=request.k,
        filter=request.filter,
        as_of=request.as_of,
        profile=request.profile,
        rerank=request.rerank,
    )


def _said(
    request: AskIn,
    found: SearchAnswer,
    passages: list[AskPassage],
    where: dict[str, Any],
    language: str,
    tell: Told | None,
) -> Flow[_Said]:
    """Statements of the model, or of the passages themselves; none where the search is weak."""
    if not passages:
        return _Said(NAME, [], "nothing_found")
    if found.nearness.weak:
        return _Said(NAME, [], "weak")
    outcome = WritingOutcome(None)
    if request.writer == "model":
        told = None if tell is None else _first(request.n, tell)
        sources = [CitedSource(number=p.number, title=p.title, text=p.text) for p in passages]
        outcome = yield Write(_task(request, language), sources, told)
    written = outcome.written
    if written is not None:
        statements = written.lists["statements"][: request.n]
        refused: Refusal | None = None if statements else "not_answered"
        notes = [f"the answer is cut short: {written.broken}"] if written.broken else []
        return _Said(written.writer, statements, refused, written.dropped, notes)
    said = yield from _extracted(request.n, found, passages, where, language)
    if tell is not None:
        for one in said.statements:
            tell("statement", one)
    notes = [f"the answer is an extract: {outcome.why}"] if outcome.why else []
    return said._replace(notes=[*notes, *said.notes])


def _first(n: int, tell: Told) -> Tell:
    """Tell the first statements; a model may write more than it was asked for."""
    places = iter(range(n))

    def tell_one(one: Statement) -> None:
        if next(places, None) is not None:
            tell("statement", one)

    return tell_one


def _extracted(
    n: int, found: SearchAnswer, passages: list[AskPassage], where: dict[str, Any], language: str
) -> Flow[_Said]:
    """The best sentences of the passages; where none has the words, the nearest by meaning."""
    rows: list[CitedSentence] = yield answers.cited_sentences(**where, n=n, language=language)
    if rows:
        return _Said(NAME, [Statement(row.sentence, row.cites) for row in rows])
    near = _near_by_meaning(found)
    first = [passage for passage in passages if passage.item_id in near][:1]
    if not first:
        return _Said(NAME, [], "no_sentence")
    note = "no sentence has the words of the question: this is the passage nearest to it in meaning"
    return _Said(NAME, [Statement(one.text, [one.number]) for one in first], notes=[note])


def _near_by_meaning(found: SearchAnswer) -> set[int]:
    """The first hit, where a calibrated space says that it is nearer than chance brings."""
    spaces = {leg.space for leg in found.legs if leg.kind == "vector"}
    return {
        hit.item_id
        for hit in found.hits[:1]
        if any(hit.legs.get(name or "") is not None for name in spaces)
        and (hit.adjustments is None or not (hit.adjustments.weak or hit.adjustments.uncalibrated))
    }


def _task(request: AskIn, language: str) -> WritingTask:
    told = _TASK.format(n=request.n, language=LANGUAGES[language], question=request.question)
    return WritingTask(name="answer", instructions=told, lists=("statements",))


def _passage(row: FoundPassage) -> AskPassage:
    return AskPassage(
        number=row.passage_no,
        item_id=row.item_id,
        external_id=row.external_id,
        title=row.title,
        field=row.field,
        part=row.part,
        start=row.start,
        text=row.content,
        score=round(row.score, 4),
    )


def _unread(rows: Sequence[FoundPassage]) -> list[str]:
    """A note about texts that are too long to be read whole."""
    unread = {row.external_id: row.unread for row in rows if row.unread}
    return [f"{n:,} characters of {name} were not read for passages" for name, n in unread.items()]


def _language(question: str) -> str:
    """Korean where there is any Hangul: Korean technical questions are full of Latin names."""
    return "ko" if any(ord(letter) in _HANGUL for letter in question) else "en"
