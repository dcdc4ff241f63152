"""Traces: a request, its flows, SQL calls and legs, as spans of one trace; nothing where they are off."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from db.errors import BadSettings
from service.monitoring import tracing
from service.settings import ServiceSettings
from tests.service.conftest import bearer, make_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.service.conftest import Client

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.mark.usefixtures("parts")
def test_a_search_is_one_trace_down_to_its_legs(
    db: Any, make_client: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("opentelemetry.sdk", reason="the extra `otel` is not installed")
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    memory = InMemorySpanExporter()
    monkeypatch.setattr(tracing, "exporter", lambda _endpoint: memory)
    client = make_client(traces="http://nowhere", trace_share=0.0)
    sent = {"query": "SECRETPUMP", "explain": True}
    key = bearer(make_key(db))  # without keys, a header that proxies add is refused
    client.post("/collections/parts/search", json=sent, headers=key)
    traced = key | {"traceparent": PARENT}
    answer = client.post("/collections/parts/search", json=sent, headers=traced)
    spans = tracing._spans("http://nowhere", 0.0)
    spans.flush()
    found = memory.get_finished_spans()
    by_id = {span.context.span_id: span for span in found}
    names = {span.name: span for span in found}

    def above(name: str) -> list[str]:
        span: Any = names[name]
        path = []
        while (span := by_id.get(span.parent.span_id)) is not None:
            path.append(span.name)
        return path

    # Sampled by its caller alone: of the request before there is nothing.
    assert {format(span.context.trace_id, "032x") for span in found} == {PARENT.split("-")[1]}
    request = names["POST /collections/{collection}/search"]
    assert request.attributes["http.response.status_code"] == 200
    assert above("search.hybrid")[-2:] == ["flow search", request.name]
    legs = [f"leg {leg['leg']}" for leg in answer.json()["explain"]]
    assert legs
    assert all(above(leg)[0] == "search.explain_hybrid" for leg in legs)
    assert "SECRETPUMP" not in str([span.to_json() for span in found])


def test_traces_without_the_library_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "find_spec", lambda _name: None)
    with pytest.raises(BadSettings, match="SEOGO_TRACES") as refused:
        tracing.Spans("http://nowhere", 1.0)
    assert "seogo[otel]" in str(refused.value.hint)


def test_nothing_is_imported_where_they_are_off() -> None:
    whole = ast.parse(Path(tracing.__file__).read_text(encoding="utf-8"))
    first = [one for one in whole.body if isinstance(one, ast.Import | ast.ImportFrom)]
    assert first
    assert not [one for one in first if "opentelemetry" in ast.unparse(one)]
    assert tracing.spans_of(ServiceSettings()) is None
