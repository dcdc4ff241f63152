"""Client of the public law API (law.go.kr): statutes, administrative rules and decisions as files.

`lawSearch.do` lists documents with the number of their version, `lawService.do` gives one. Requests go out
one after the other with a pause between them; only documents whose version is not there yet are asked for.
The files are what `seogo legal import` reads.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import httpx
import msgspec

from jobs.errors import JobError
from jobs.legal.fetched import Fetched
from jobs.legal.shapes import day, listed, words
from jobs.types import OnShare, silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from jobs.legal.settings import LawSettings

Target = Literal["law", "admrul", "prec"]
PAGE = 100
ATTEMPTS = 5
TIMEOUT_S = 30.0
# What a refused request waits for at most, whatever the server says.
LONGEST_WAIT_S = 120.0
# Answers are some kilobytes to some megabytes.
MOST_BYTES = 64 * 1024 * 1024


class NotFetched(JobError):
    """The API refused, or could not be reached."""


class _Shape(NamedTuple):
    """Names that a target has in the answers: of the list, its entries, their version, id and name."""

    answer: str
    entries: str
    version: str
    document: str
    name: str
    days: tuple[str, ...]
    asked_by: str
    body: tuple[str, ...]


SHAPES: dict[Target, _Shape] = {
    "law": _Shape("LawSearch", "law", "법령일련번호", "법령ID", "법령명한글",
                  ("시행일자", "공포일자"), "MST", ("법령",)),
    "admrul": _Shape("AdmRulSearch", "admrul", "행정규칙일련번호", "행정규칙ID", "행정규칙명",
                     ("시행일자", "발령일자"), "ID", ("AdmRulService",)),
    "prec": _Shape("PrecSearch", "prec", "판례일련번호", "판례일련번호", "사건명",
                   ("선고일자",), "ID", ("PrecService", "판시사항")),
}  # fmt: skip


class Entry(NamedTuple):
    """A document of a list: its id, the number and day of its version, its name."""

    document: str
    version: str
    day: str
    name: str


class FetchReport(msgspec.Struct, kw_only=True):
    """Counts of fetching; `failed` names documents that were not given, with the reason."""

    listed: int = 0
    fetched: int = 0
    unchanged: int = 0
    failed: dict[str, str] = {}


def fetch_documents(
    settings: LawSettings,
    target: Target,
    query: str,
    into: Path,
    *,
    pause_s: float = 1.0,
    most: int | None = None,
    wait: Callable[[float], None] = time.sleep,
    on_document: OnShare = silent,
) -> FetchReport:
    """Fetch the documents that a query lists, those that are not there yet or have changed.

    The file of an older version stays beside the new one, under its day. Interrupted, it goes on where it was
    the next time. `most`: so many are fetched at most; `wait` gets seconds.

    Raises:
        NotFetched: there is no key, the API refuses it, or it cannot be reached.
    """
    if not settings.law_key:
        raise NotFetched(
            "the law API wants a key", "ask for one at open.law.go.kr, and set SEOGO_LAW_KEY to it"
        )
    shape, done, report = SHAPES[target], Fetched(into / target), FetchReport()
    with httpx.Client(
        timeout=TIMEOUT_S, follow_redirects=True, headers={"user-agent": "seogo legal fetch"}
    ) as client:
        api = _Api(client, settings, pause_s, wait)
        for entry, of in api.entries(target, query):
            report.listed += 1
            if done.has(entry.document, entry.version):
                report.unchanged += 1
            elif most is not None and report.fetched >= most:
                break
            else:
                _fetch_one(api, target, shape, entry, done, report)
            on_document(report.listed, of)
    return report


def _fetch_one(
    api: _Api, target: Target, shape: _Shape, entry: Entry, done: Fetched, report: FetchReport
) -> None:
    record = api.ask("lawService.do", target=target, **{shape.asked_by: entry.version})
    if not any(key in record for key in shape.body):
        report.failed[f"{entry.document} {entry.name}"] = _complaint(record)
        return
    done.keep(entry.document, entry.version, entry.day, record)
    report.fetched += 1


class _Api:
    """Requests, one after the other."""

    def __init__(
        self,
        client: httpx.Client,
        settings: LawSettings,
        pause_s: float,
        wait: Callable[[float], None],
    ) -> None:
        self._client, self._settings, self._pause_s, self._wait = client, settings, pause_s, wait
        self._asked = False

    def entries(self, target: Target, query: str) -> Iterator[tuple[Entry, int]]:
        """Documents of all pages of a list, each with how many there are."""
        shape, page, seen = SHAPES[target], 1, 0
        while True:
            found = self.ask(
                "lawSearch.do", target=target, query=query, display=str(PAGE), page=str(page)
            )
            answer = found.get(shape.answer)
            if not isinstance(answer, dict):
                raise NotFetched(
                    f"the law API gave no list: {_complaint(found)}",
                    "is SEOGO_LAW_KEY right, and this machine's address registered with it?",
                )
            total = int(words(answer.get("totalCnt")) or 0)
            rows = [row for row in listed(answer.get(shape.entries)) if isinstance(row, dict)]
            for row in rows:
                yield _entry(row, shape), total
            seen += len(rows)
            if not rows or seen >= total:
                return
            page += 1

    def ask(self, service: str, **params: str) -> dict[str, Any]:
        """The JSON object of an answer; a busy server is asked again, later and later.

        Raises:
            NotFetched: it is no JSON object, or the server did not answer.
        """
        why = ""
        for attempt in range(ATTEMPTS):
            if self._asked:
                self._wait(self._pause_s)
            self._asked = True
            try:
                answer = self._client.get(
                    f"{self._settings.law_url}/{service}",
                    params={"OC": self._settings.law_key or "", "type": "JSON", **params},
                )
            except httpx.HTTPError as exc:
                # Its message may have the address, and with it the key.
                why, later = type(exc).__name__, None
            else:
                if answer.is_success:
                    return _decoded(answer)
                why, later = f"status {answer.status_code}", answer.headers.get("retry-after")
                if answer.status_code not in (429, 500, 502, 503, 504):
                    break
            if attempt < ATTEMPTS - 1:
                self._wait(_seconds(later, 2.0**attempt))
        raise NotFetched(
            f"the law API does not answer: {why}",
            "try again later: what was fetched is kept, and it goes on from there",
        )


def _entry(row: dict[str, Any], shape: _Shape) -> Entry:
    days = [found for key in shape.days if (found := day(row.get(key)))]
    version = words(row.get(shape.version))
    document = words(row.get(shape.document)) or version
    if not (version.isdigit() and document.isdigit()):  # they become names of files
        raise NotFetched(f"the law API lists a document without its number: {words(row)[:80]}")
    return Entry(document, version, next(iter(days), ""), words(row.get(shape.name)))


def _decoded(answer: httpx.Response) -> dict[str, Any]:
    if len(answer.content) > MOST_BYTES:
        raise NotFetched(f"the law API answers with {len(answer.content):,} bytes")
    try:
        return msgspec.json.decode(answer.content, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise NotFetched(
            "the law API answers with a page instead of JSON",
            "is SEOGO_LAW_KEY right, and this machine's address registered with it?",
        ) from exc


def _complaint(record: dict[str, Any]) -> str:
    """The message of an answer that has not what was asked for."""
    told = [words(record.get(key)) for key in ("result", "msg", "Law", "resultMsg")]
    return " ".join(filter(None, told))[:200] or f"only {', '.join(record) or 'nothing'}"


def _seconds(later: str | None, otherwise: float) -> float:
    given = float(later) if later and later.isdigit() else otherwise
    return min(given, LONGEST_WAIT_S)
