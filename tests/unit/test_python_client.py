"""Requests of the Python client: which are sent again and when, and what errors say."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from seogo_client import AsyncSeogo, ProblemError, Retries, Seogo, Unavailable, Unreachable
from seogo_client.calls import Events
from seogo_client.uploads import batches

if TYPE_CHECKING:
    from collections.abc import Callable

BUSY = httpx.Response(
    503, headers={"Retry-After": "7"}, json={"type": "urn:seogo:problem:overloaded"}
)
OFTEN = httpx.Response(429, json={"detail": "too many", "hint": "Wait."})
DONE = httpx.Response(200, json={"hits": []})


class Half:
    """Half of every longest wait."""

    def random(self) -> float:
        """A half."""
        return 0.5


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that a client would have slept."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("seogo_client.synchronous.time.sleep", slept.append)
    monkeypatch.setattr("seogo_client.asynchronous.asyncio.sleep", sleep)
    return slept


def answering(*outcomes: httpx.Response | Exception) -> httpx.MockTransport:
    left = list(outcomes)

    def handle(_: httpx.Request) -> httpx.Response:
        outcome = left.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return httpx.Response(outcome.status_code, headers=outcome.headers, content=outcome.content)

    return httpx.MockTransport(handle)


def search(seogo: Seogo) -> Any:
    return seogo.collection("parts").search("x")


def feedback(seogo: Seogo) -> Any:
    return seogo.call("giveFeedback", json={}, analysis_id=1)


@pytest.mark.parametrize(
    ("ask", "outcomes", "slept"),
    [
        (search, [BUSY, OFTEN, DONE], [7.0, 0.5]),
        (search, [httpx.ReadTimeout("slow"), DONE], [0.25]),
        (feedback, [OFTEN, DONE], [0.25]),
        (feedback, [httpx.ConnectError("down"), DONE], [0.25]),
    ],
)
def test_what_is_safe_is_sent_again(
    waits: list[float], ask: Callable[[Seogo], Any], outcomes: list[Any], slept: list[float]
) -> None:
    retries = Retries(chance=Half())  # type: ignore[arg-type]
    with Seogo(transport=answering(*outcomes), retries=retries) as seogo:
        assert ask(seogo) == {"hits": []}
    assert waits == slept


@pytest.mark.parametrize(
    ("ask", "outcomes", "error"),
    [
        (feedback, [BUSY], Unavailable),
        (feedback, [httpx.ReadTimeout("slow")], Unreachable),
        (search, [httpx.ConnectError("down")] * 4, Unreachable),
        (search, [httpx.Response(404, json={})], ProblemError),
        (search, [httpx.Response(503, headers={"Retry-After": "3600"})], Unavailable),
    ],
)
def test_what_is_not_safe_or_in_vain_is_told(
    waits: list[float], ask: Callable[[Seogo], Any], outcomes: list[Any], error: type[Exception]
) -> None:
    with Seogo(transport=answering(*outcomes)) as seogo, pytest.raises(error):
        ask(seogo)
    assert len(waits) == len(outcomes) - 1


def test_the_client_that_works_at_once_is_the_one_to_await(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend("tools")
    import client_sync  # type: ignore[import-not-found]

    kept = client_sync.TARGET.read_text(encoding="utf-8")
    assert client_sync.written() == kept, f"run {sys.executable} tools/client_sync.py"


def test_the_asynchronous_client_does_the_same(waits: list[float]) -> None:
    async def asked() -> Any:
        retries = Retries(chance=Half())  # type: ignore[arg-type]
        async with AsyncSeogo(transport=answering(BUSY, DONE), retries=retries) as seogo:
            return await seogo.collection("parts").search("x")

    assert asyncio.run(asked()) == {"hits": []}
    assert waits == [7.0]


def test_errors_have_the_words_of_the_service_or_of_whoever_answered() -> None:
    wrong = {
        "type": "urn:seogo:problem:bad-filter",
        "detail": "the filter is wrong",
        "hint": "See the guide.",
        "errors": [{"path": "filter", "reason": "no JSON"}],
    }
    for answer, slug, words in (
        (
            httpx.Response(400, json=wrong),
            "bad-filter",
            "the filter is wrong. filter: no JSON. See the guide",
        ),
        (httpx.Response(502, text="<html>"), "unknown", "HTTP 502: <html>"),
        (httpx.Response(500, json=[1]), "unknown", "HTTP 500: [1]"),
    ):
        with Seogo(transport=answering(answer), retries=Retries(most=0)) as seogo:
            with pytest.raises(ProblemError) as caught:
                search(seogo)
            assert (caught.value.slug, str(caught.value)) == (slug, words)


def test_names_are_quoted_and_unknown_operations_are_named() -> None:
    seen: list[bytes] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.raw_path)
        return DONE

    with Seogo(transport=httpx.MockTransport(handle)) as seogo:
        seogo.collection("a/b ?").search("x")
        with pytest.raises(ValueError, match="listItems"):
            seogo.call("nothing")
    assert seen == [b"/collections/a%2Fb%20%3F/search"]


def test_batches_end_by_number_and_by_size() -> None:
    items = [{"external_id": str(n), "fields": {"body": "x" * 40}} for n in range(5)]
    assert [batch.behind for batch in batches(items, 2)] == [0, 2, 4]
    assert [batch.behind for batch in batches(items, 100, 100)] == [0, 2, 4]
    assert b"".join(batch.content for batch in batches(items, 2)).count(b"\n") == 5
    assert list(batches([])) == []


def test_events_are_put_together_from_lines() -> None:
    events = Events()
    lines = [": still there", "", "event: end", 'data: {"a":', "data: 1}", "", "data: 2", ""]
    assert [one for line in lines for one in events.take(line)] == [
        ("end", {"a": 1}),
        ("message", 2),
    ]
