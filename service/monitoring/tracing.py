"""Traces (OpenTelemetry): a request, the flows that answer it, their SQL calls and models, and legs.

Nothing here runs, and the library is not imported, where SEOGO_TRACES is unset. No span has a query, a
filter or any other value that a caller sent.
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from litestar.enums import ScopeType

from db.calls.query import Query
from db.errors import BadSettings
from db.search.rows import LegReport
from flows.effects import Flow, Together

if TYPE_CHECKING:
    from litestar.types import ASGIApp, Message, Receive, Scope, Send
    from opentelemetry.sdk.trace.export import SpanExporter

    from service.settings import ServiceSettings

Perform = Callable[[Any], Awaitable[Any]]
# The first function or table of ours that a statement names.
_NAME = re.compile(r"\b(?:search|ops|core|eval|impl|jobs)\.\w+")
SERVER_ERROR = 500


class Spans:
    """Makes spans of what the service does."""

    def __init__(self, endpoint: str, share: float) -> None:
        """Send spans to a collector; `share` of the requests that no caller has decided about.

        Raises:
            BadSettings: the library is not installed.
        """
        if find_spec("opentelemetry.sdk") is None:
            raise BadSettings(
                "SEOGO_TRACES: the library for traces is missing", "pip install 'seogo[otel]'"
            )
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
        from opentelemetry.trace import SpanKind

        about = {"service.name": "seogo", "service.version": version("seogo")}
        provider = TracerProvider(
            resource=Resource.create(about), sampler=ParentBasedTraceIdRatio(share)
        )
        provider.add_span_processor(BatchSpanProcessor(exporter(endpoint)))
        self._provider = provider
        self._tracer = provider.get_tracer("seogo", version("seogo"))
        self._kind = SpanKind

    def flush(self) -> None:
        """Send what waits to be sent."""
        self._provider.force_flush()

    async def request(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request within a span, under that of the caller if the request names one."""
        from opentelemetry.trace import StatusCode
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        method = str(scope.get("method", ""))
        with self._tracer.start_as_current_span(
            method,
            context=TraceContextTextMapPropagator().extract(headers),
            kind=self._kind.SERVER,
            attributes={"http.request.method": method},
        ) as span:

            async def send_and_note(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= SERVER_ERROR:
                        span.set_status(StatusCode.ERROR)
                    route = str(scope.get("path_template") or "")
                    if route:
                        span.update_name(f"{method} {route}")
                        span.set_attribute("http.route", route)
                await send(message)

            await app(scope, receive, send_and_note)

    @contextmanager
    def flow(self, flow: Flow[Any]) -> Iterator[None]:
        """A span of a flow, by the name of its function."""
        name = getattr(flow, "__name__", "steps")
        with self._tracer.start_as_current_span(f"flow {name}"):
            yield

    def performing(self, perform: Perform) -> Perform:
        """Perform effects within spans: SQL calls by the function that they call, others by their kind."""

        async def traced(effect: Any) -> Any:
            if isinstance(effect, Together):
                return await perform(effect)
            if not isinstance(effect, Query):
                with self._tracer.start_as_current_span(type(effect).__name__):
                    return await perform(effect)
            found = _NAME.search(effect.statement)
            name = found[0] if found else "SQL"
            about = {"db.system.name": "postgresql", "db.operation.name": name}
            with self._tracer.start_as_current_span(
                name, kind=self._kind.CLIENT, attributes=about
            ) as span:
                began = time.time_ns()
                rows = await perform(effect)
                span.set_attribute("db.response.returned_rows", len(rows))
                if effect.row is LegReport:
                    self._legs(began, rows)
                return rows

        return traced

    def _legs(self, began: int, reports: list[LegReport]) -> None:
        """Spans of the legs of a search, from its explanation: one after the other, as they ran."""
        for report in reports:
            about: dict[str, str | int] = {
                "seogo.leg.kind": report.kind,
                "seogo.leg.found": report.found,
            }
            span = self._tracer.start_span(f"leg {report.leg}", start_time=began, attributes=about)
            began += round(report.ms * 1e6)
            span.end(end_time=began)


class Traced:
    """Wraps the application in spans of its requests."""

    def __init__(self, app: ASGIApp, spans: Spans) -> None:
        self._app = app
        self._spans = spans

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == ScopeType.HTTP:
            await self._spans.request(self._app, scope, receive, send)
        else:
            await self._app(scope, receive, send)


def spans_of(settings: ServiceSettings) -> Spans | None:
    """The spans of this process; None where traces are off."""
    return _spans(settings.traces, settings.trace_share) if settings.traces else None


@cache
def _spans(endpoint: str, share: float) -> Spans:
    """One for each process: a provider has a thread that sends."""
    return Spans(endpoint, share)


def exporter(endpoint: str) -> SpanExporter:
    """Build what sends spans to a collector, by OTLP over HTTP; OTEL_EXPORTER_OTLP_HEADERS holds."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
