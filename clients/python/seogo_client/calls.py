"""Requests as data, when to send one again, and events of an answer: what both clients share."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from json import dumps, loads
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx

from seogo_client.core.operations import OPERATIONS
from seogo_client.errors import Unreachable, problem_of

_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
# Refused before anything was done, so that even a request that must not be repeated may be.
_UNDONE = frozenset({429})
_READS = frozenset({"GET", "PUT", "DELETE"})
# Operations that are a POST for the sake of their body, and change nothing.
_ASKS = frozenset(
    [
        "ask",
        "askStream",
        "classify",
        "embed",
        "openaiEmbeddings",
        "search",
        "searchBatch",
        "searchByPicture",
        "searchCollections",
        "runSql",
    ]
)


class Form(NamedTuple):
    """A form: files, each the name of its part with its own name and its bytes; and texts."""

    files: Sequence[tuple[str, tuple[str, bytes]]]
    texts: Mapping[str, str] = {}


class Call(NamedTuple):
    """A request.

    Attributes:
        operation: Its name in the API, such as `listItems`.
        path: Values in the path.
        params: Of the query; None is left out.
        json: The body as JSON.
        content: The body as JSON lines, instead.
        form: The body as a form, instead: files by their names, and texts.
        repeatable: Whether it may be sent again after an answer that does not say what became of it.
    """

    operation: str
    path: Mapping[str, object]
    params: Mapping[str, Any]
    json: Any
    content: bytes | None
    form: Form | None
    repeatable: bool

    @property
    def request(self) -> dict[str, Any]:
        """The arguments of httpx."""
        method, template = OPERATIONS[self.operation]
        values = {name: quote(str(value), safe="") for name, value in self.path.items()}
        given: dict[str, Any] = {
            "method": method,
            "url": template.format_map(values),
            "params": {name: value for name, value in self.params.items() if value is not None},
        }
        if self.content is not None:
            return given | {
                "content": self.content,
                "headers": {"Content-Type": "application/x-ndjson"},
            }
        if self.form is not None:
            return given | {"files": list(self.form.files), "data": self.form.texts}
        return given if self.json is None else given | {"json": self.json}


def call(
    operation: str,
    path: Mapping[str, object] | None = None,
    *,
    json: Any = None,
    content: bytes | None = None,
    form: Form | None = None,
    params: Mapping[str, Any] | None = None,
    repeatable: bool | None = None,
) -> Call:
    """Build a request of an operation.

    Raises:
        ValueError: There is no operation of that name.
    """
    if operation not in OPERATIONS:
        raise ValueError(f"no operation {operation}; there are: {', '.join(OPERATIONS)}")
    if repeatable is None:
        repeatable = OPERATIONS[operation][0] in _READS or operation in _ASKS
    return Call(operation, path or {}, params or {}, json, content, form, repeatable)


def search(collection: str, query: str | None, options: Mapping[str, Any]) -> Call:
    """Search of a collection."""
    return call("search", {"collection": collection}, json=_with("query", query, options))


def search_picture(collection: str, picture: bytes, options: Mapping[str, Any]) -> Call:
    """Search by the file of a picture."""
    form = Form([("picture", ("picture", picture))], {"request": dumps(options)})
    return call("searchByPicture", {"collection": collection}, form=form)


def ask(operation: str, collection: str, question: str, options: Mapping[str, Any]) -> Call:
    """Question to a collection, whole (`ask`) or as events (`askStream`)."""
    return call(operation, {"collection": collection}, json=_with("question", question, options))


def _with(name: str, value: object, options: Mapping[str, Any]) -> dict[str, Any]:
    return dict(options) if value is None else {**options, name: value}


def listed(collection: str, **params: Any) -> Call:
    """A page of the items of a collection."""
    return call("listItems", {"collection": collection}, params=params)


def upsert(collection: str, items: Iterable[Mapping[str, Any]]) -> Call:
    """Write of a few items; sent twice it changes nothing more, since ids are the caller's."""
    body = {"items": list(items)}
    return call("upsertItems", {"collection": collection}, json=body, repeatable=True)


def bulk(collection: str, content: bytes) -> Call:
    """Write of a batch of JSON lines; as `upsert`."""
    return call("bulkItems", {"collection": collection}, content=content, repeatable=True)


def content_of(response: httpx.Response) -> Any:
    """The answer: JSON decoded, other bytes as they are, None where there is nothing."""
    if not response.content:
        return None
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    return response.json() if kind.endswith("json") else response.content


def refusal(came: httpx.Response | Exception) -> Exception:
    """The error that an answer, or its absence, means."""
    if isinstance(came, Exception):
        return Unreachable(f"{type(came).__name__}: {came}")
    return problem_of(came)


@dataclass(frozen=True)
class Retries:
    """When a request is sent again: exponential backoff with full jitter, no less than `Retry-After`.

    As Amazon's "Exponential Backoff And Jitter" (2015) has it.

    Attributes:
        most: Further requests at most.
        first_s: Longest wait before the first of them, doubled before each next.
        longest_s: No wait is longer; a longer `Retry-After` ends it.
    """

    most: int = 3
    first_s: float = 0.5
    longest_s: float = 30.0
    chance: random.Random = field(default_factory=random.Random, compare=False)

    def wait(self, call: Call, attempt: int, came: httpx.Response | Exception) -> float | None:
        """Seconds to wait before sending it again; None: what came is the outcome.

        Args:
            call: The request.
            attempt: How often it has been sent, from 1.
            came: The answer, or why there is none.
        """
        if attempt > self.most:
            return None
        backoff = min(self.first_s * 2 ** (attempt - 1), self.longest_s) * self.chance.random()
        if isinstance(came, Exception):
            unsent = isinstance(came, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
            return backoff if call.repeatable or unsent else None
        if came.status_code not in (_BUSY if call.repeatable else _UNDONE):
            return None
        asked = came.headers.get("Retry-After", "")
        least = float(asked) if asked.isdigit() else 0.0
        return None if least > self.longest_s else max(least, backoff)


class Event(NamedTuple):
    """A server-sent event with JSON."""

    name: str
    data: Any


class Events:
    """Server-sent events, put together from lines."""

    def __init__(self) -> None:
        self._name, self._data = "message", list[str]()

    def take(self, line: str) -> Iterator[Event]:
        """Take a line without its end; the event that it completes, if any."""
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._name = value
        elif name == "data":
            self._data.append(value)
        elif not line and self._data:
            yield Event(self._name, loads("\n".join(self._data)))
            self._name, self._data = "message", []
