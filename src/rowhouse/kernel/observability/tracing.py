"""Traces, where there is somewhere to send them; elsewhere nothing of OpenTelemetry is even loaded.

One trace leads from a request through its statements, its calls to Redis and to others, into the jobs that it asked
for: a job's row carries the `traceparent` of whoever enqueued it.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
    from opentelemetry.trace import Tracer
    from sqlalchemy import Engine

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
HEADER = "traceparent"
LONGEST_STATEMENT = 2_000


@dataclass(frozen=True, slots=True)
class Tracing:
    provider: "TracerProvider"
    tracer: "Tracer"


_running: Tracing | None = None


def begin(process: str, endpoint: str, *, processor: "SpanProcessor | None" = None) -> None:
    """Traces this process from now on, to `endpoint` or the one that OpenTelemetry's own variable names (neither: not
    at all). Call it after any fork, and before the clients are made. A `processor` takes the exporter's place."""
    global _running  # noqa: PLW0603 - one a process, like its standard output
    endpoint = endpoint or os.environ.get(ENDPOINT, "")
    if _running is not None or not (endpoint or processor):
        return
    # Here and not above: a process that traces nothing should not load it.
    from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
    from opentelemetry.instrumentation.redis import RedisInstrumentor
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider

    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: f"rowhouse-{process}"}))
    provider.add_span_processor(processor or _exporting_to(endpoint))
    _running = Tracing(provider, provider.get_tracer("rowhouse"))
    RedisInstrumentor().instrument(tracer_provider=provider)
    HTTPXClientInstrumentor().instrument(tracer_provider=provider)


def end() -> None:
    """Sends what is left and traces nothing more."""
    global _running
    if _running is None:
        return
    from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
    from opentelemetry.instrumentation.redis import RedisInstrumentor

    provider, _running = _running.provider, None
    for instrumentor in (RedisInstrumentor(), HTTPXClientInstrumentor()):
        if instrumentor.is_instrumented_by_opentelemetry:
            instrumentor.uninstrument()
    provider.shutdown()


def watch_engine(engine: "Engine") -> None:
    """Makes a span of each of its statements: the text, never the values."""
    if _running is None:
        return
    from sqlalchemy import event

    event.listen(engine, "before_cursor_execute", _statement_begins)
    event.listen(engine, "after_cursor_execute", _statement_ends)
    event.listen(engine, "handle_error", _statement_fails)


def _statement_begins(_connection: object, _cursor: object, statement: str, *more: Any) -> None:
    if _running is not None:
        words = statement.split(maxsplit=1)
        named = _running.tracer.start_span(words[0].upper() if words else "statement")
        named.set_attributes({"db.system": "postgresql", "db.statement": statement[:LONGEST_STATEMENT]})
        more[1].trace_span = named


def _statement_ends(_connection: object, _cursor: object, _statement: str, *more: Any) -> None:
    begun = getattr(more[1], "trace_span", None)
    if begun is not None:
        begun.end()


def _statement_fails(failure: Any) -> None:
    begun = getattr(failure.execution_context, "trace_span", None)
    if begun is not None:
        begun.set_attribute("error.type", type(failure.original_exception).__name__)
        begun.end()


def span(name: str, attributes: Mapping[str, str] | None = None) -> AbstractContextManager[object]:
    """A step of what is under way."""
    if _running is None:
        return nullcontext()
    return _running.tracer.start_as_current_span(name, attributes=attributes)


@contextmanager
def continued(name: str, parent: str | None, attributes: Mapping[str, str] | None = None) -> Iterator[None]:
    """A request or a job, as a part of the trace whose `traceparent` is given, else as the beginning of one."""
    if _running is None:
        yield
        return
    from opentelemetry.context import Context
    from opentelemetry.trace import SpanKind
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    context = TraceContextTextMapPropagator().extract({HEADER: parent} if parent else {}, Context())
    with _running.tracer.start_as_current_span(
        name, context=context, kind=SpanKind.SERVER, attributes=attributes
    ):
        yield


def name_request(method: str, route: str, status: int) -> None:
    """Says what the present request was, once that is known."""
    if _running is None:
        return
    from opentelemetry.trace import get_current_span

    present = get_current_span()
    present.update_name(f"{method} {route}")
    present.set_attributes({"http.route": route, "http.response.status_code": status})


def traceparent() -> str | None:
    """What a job's row keeps of the present trace."""
    if _running is None:
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get(HEADER)


def trace_id() -> str | None:
    """Of the present trace, 32 hexadecimal digits."""
    parent = traceparent()
    return parent.split("-")[1] if parent else None


def is_on() -> bool:
    return _running is not None


def _exporting_to(endpoint: str) -> "SpanProcessor":
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    return BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=5))
