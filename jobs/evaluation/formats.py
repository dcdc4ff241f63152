"""Readers and writers of queries, judgments (qrels) and runs, as TREC and BEIR have them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import numpy as np

from db.evaluation.rows import Judgment
from inputs import lines
from inputs.errors import Bad
from inputs.lines import Record, Text
from jobs.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from db.evaluation.rows import Document, QueryRow, Ranking

MAX_ID = 500
GRADES = range(-9, 31)
# Faults that are listed of a file.
SHOWN = 10
# What the last column of judgments is called where there is a heading.
HEADINGS = ("score", "grade", "rel", "relevance", "label", "judgment")

L = TypeVar("L", bound=Record | Text)
T = TypeVar("T")


class BadFile(JobError):
    """A file of queries, judgments or rankings is invalid."""


class BadLine(Exception):
    """A line or row of a file is wrong; the message says how."""


class QueryRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A query of a file; `id` may be spelled `_id`, as in BEIR.

    `item` is the external_id of the item that is the query, `picture` a path from the folder of the file.
    """

    id: str
    text: str | None = None
    item: str | None = None
    picture: str | None = None
    categories: list[str] = []


class BeirFolder(msgspec.Struct, frozen=True):
    """The files of a BEIR data set."""

    corpus: Path
    queries: Path
    qrels: Path


def beir(folder: Path, split: str) -> BeirFolder:
    """Find the files of a BEIR data set.

    Raises:
        BadFile: one of the files is missing; the hint lists the splits there are.
    """
    found = BeirFolder(
        folder / "corpus.jsonl", folder / "queries.jsonl", folder / "qrels" / f"{split}.tsv"
    )
    for path in (found.queries, found.qrels):
        if not path.is_file():
            splits = ", ".join(sorted(p.stem for p in folder.glob("qrels/*.tsv"))) or "none"
            raise BadFile(
                f"no file {path}",
                f"a BEIR folder has corpus.jsonl, queries.jsonl, qrels/SPLIT.tsv; splits here: {splits}",
            )
    return found


def read_queries(path: Path) -> list[QueryRecord]:
    """Read queries: JSON lines `{"id", "text", "item", "picture", "categories"}`, or `id<TAB>text`.

    Raises:
        BadFile: a line is neither, or an id comes twice; file and lines are named.
        InputUnusable: the file cannot be read.
    """
    seen: dict[str, int] = {}

    def query(line: Record | Text) -> QueryRecord:
        found = _json_query(line.value) if isinstance(line, Record) else _tabbed_query(line.text)
        if found.id in seen:
            raise BadLine(f"query {found.id} stands already in line {seen[found.id]}")
        if not (found.text or found.item or found.picture):
            raise BadLine(f"query {found.id} has neither text, item nor picture")
        if "\0" in (found.text or ""):
            raise BadLine(f"query {found.id} has a NUL character, which cannot be stored")
        seen[found.id] = line.line
        return found

    read: Iterable[Record | Text | Bad]
    read = lines.records(path) if path.suffix == ".jsonl" else lines.texts(path)
    return _convert_all(path, read, query)


def read_qrels(path: Path) -> list[Judgment]:
    """Read judgments: TREC's `query 0 item grade`, or BEIR's `query item grade` below a heading.

    A judgment that is repeated word for word counts once.

    Raises:
        BadFile: a line is neither, a grade is no integer from -9 to 30, or two grades differ.
        InputUnusable: the file cannot be read.
    """
    seen: dict[tuple[str, str], int] = {}

    def judgment(line: Text) -> Judgment:
        columns = _columns(line.text)
        if len(columns) not in (3, 4):
            raise BadLine("not `query 0 item grade`, nor `query item grade`")
        query, item, grade = _id(columns[0]), _id(columns[-2]), _grade(columns[-1])
        if seen.setdefault((query, item), grade) != grade:
            raise BadLine(f"{item} is judged twice for {query}, {grade} and otherwise")
        return Judgment(query, item, grade)

    return list(dict.fromkeys(_convert_all(path, _below_heading(path), judgment)))


def read_run(path: Path) -> dict[str, dict[str, float]]:
    """Read a TREC run, `query Q0 item rank score tag`: scores by item, by query; rank is not used.

    Raises:
        BadFile: a line is invalid, a score is no finite number, or an item comes twice.
        InputUnusable: the file cannot be read.
    """
    answers: dict[str, dict[str, float]] = {}

    def answer(line: Text) -> None:
        columns = line.text.split()
        if len(columns) != 6:
            raise BadLine("not `query Q0 item rank score tag`")
        query, item = _id(columns[0]), _id(columns[2])
        ranking = answers.setdefault(query, {})
        if item in ranking:
            raise BadLine(f"{item} comes twice for query {query}")
        ranking[item] = _score(columns[4])

    _convert_all(path, lines.texts(path), answer)
    return answers


def write_queries(path: Path, queries: Iterable[QueryRow]) -> None:
    """Write queries as JSON lines that BEIR's readers and `read_queries` understand."""
    with path.open("wb") as file:
        for query in queries:
            row: dict[str, Any] = {"_id": query.external_id, "text": query.text or ""}
            row |= {"item": query.item} if query.item is not None else {}
            row |= {"categories": query.categories} if query.categories else {}
            file.write(msgspec.json.encode(row) + b"\n")


def write_corpus(path: Path, documents: Iterable[Document]) -> None:
    """Write items as a BEIR corpus: the field title, and all others joined as the text."""
    with path.open("wb") as file:
        for document in documents:
            fields = dict(document.fields)
            row = {"_id": document.external_id, "title": fields.pop("title", "")}
            row["text"] = "\n".join(fields.values())
            file.write(msgspec.json.encode(row) + b"\n")


def write_qrels(path: Path, judgments: Iterable[Judgment], *, heading: bool = False) -> None:
    """Write judgments as TREC does, or below BEIR's heading."""
    with path.open("w", encoding="utf-8") as file:
        if heading:
            file.write("query-id\tcorpus-id\tscore\n")
        for j in judgments:
            _check_spaces(path, j.query, j.external_id)
            middle = "\t" if heading else " 0 "
            file.write(f"{j.query}{middle}{j.external_id}{middle[-1]}{j.grade}\n")


def write_run(path: Path, rankings: Iterable[Ranking], tag: str) -> None:
    """Write answers as a TREC run that every tool ranks as it is.

    Tools sort by score, kept in single precision, and break ties by the item's name. So scores are
    written in single precision and each is made smaller than the one before it, by the last digit.
    """
    tag = "-".join(tag.split()) or "seogo"
    with path.open("w", encoding="utf-8") as file:
        for ranking in rankings:
            last = np.float32(np.inf)
            pairs = zip(ranking.external_ids, ranking.scores, strict=True)
            for rank, (item, score) in enumerate(pairs, start=1):
                _check_spaces(path, ranking.query, item)
                last = min(np.float32(score), np.nextafter(last, np.float32(-np.inf)))
                file.write(f"{ranking.query} Q0 {item} {rank} {last:.9g} {tag}\n")


def _convert_all(path: Path, read: Iterable[L | Bad], convert: Callable[[L], T]) -> list[T]:
    """Convert all lines of a file; faults are reported together."""
    found, faults = [], []
    for line in read:
        try:
            if isinstance(line, Bad):
                raise BadLine(line.reason)
            found.append(convert(line))
        except BadLine as exc:
            faults.append(f"{path}:{line.line}: {exc}")
    if faults:
        listed = (
            faults[:SHOWN] + [f"… and {len(faults) - SHOWN:,} more lines"][: len(faults) > SHOWN]
        )
        raise BadFile("\n".join(listed), "mend the lines, or leave them out: nothing was imported")
    return found


def _below_heading(path: Path) -> Iterator[Text | Bad]:
    """The lines of judgments without the heading that BEIR has."""
    read = lines.texts(path)
    first = next(read, None)
    if isinstance(first, Text):
        last = _columns(first.text)[-1].casefold()
        if last in HEADINGS:
            first = None
    if first is not None:
        yield first
    yield from read


def _columns(line: str) -> list[str]:
    return [c.strip() for c in line.split("\t" if line.count("\t") >= 2 else None)]


def _json_query(row: dict[str, Any]) -> QueryRecord:
    try:
        query = msgspec.convert(row | {"id": row.get("id", row.get("_id"))}, QueryRecord)
    except msgspec.MsgspecError as exc:
        raise BadLine(str(exc)) from exc
    _id(query.id)
    return msgspec.structs.replace(query, text=(query.text or "").strip() or None)


def _tabbed_query(line: str) -> QueryRecord:
    query, tab, text = line.partition("\t")
    if not tab:
        raise BadLine("not `id<TAB>text`")
    return QueryRecord(id=_id(query.strip()), text=text.strip())


def _id(text: str) -> str:
    if not 1 <= len(text) <= MAX_ID or "\0" in text:
        raise BadLine(f"an id has 1 to {MAX_ID} characters, none of them NUL")
    return text


def _grade(text: str) -> int:
    try:
        grade = int(text)
    except ValueError as exc:
        raise BadLine(f"the grade {text!r} is no integer") from exc
    if grade not in GRADES:
        raise BadLine(f"the grade {grade} is not between {GRADES[0]} and {GRADES[-1]}")
    return grade


def _score(text: str) -> float:
    try:
        score = float(text)
    except ValueError:
        score = math.nan
    if not math.isfinite(score):
        raise BadLine(f"the score {text!r} is no finite number")
    return score


def _check_spaces(path: Path, *ids: str) -> None:
    if spaced := next((i for i in ids if i.split() != [i]), None):
        raise BadFile(f"{path}: the id {spaced!r} has a space in it, which the format cannot keep")
