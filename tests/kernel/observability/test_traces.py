"""One trace from a request through its statements and calls to Redis into the job that it asked for."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from rowhouse.kernel.observability import tracing
from rowhouse.kernel.platform import Platform
from tests.conftest import Person, api_on

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


@pytest.fixture
def traced(platform: Platform) -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    tracing.begin("tests", "", processor=SimpleSpanProcessor(exporter))
    tracing.watch_engine(platform.database.engine.sync_engine)
    yield exporter
    tracing.end()


def trace_of(span: ReadableSpan) -> int:
    assert span.context is not None
    return int(span.context.trace_id)


async def test_a_trace_leads_from_the_request_into_its_job(
    traced: InMemorySpanExporter, person: Person, run_due_jobs: Callable[[Person], Awaitable[None]]
) -> None:
    traced.clear()
    answer = await person.client.post("/api/v1/audit/verify")
    assert answer.status_code == 202, answer.text
    await run_due_jobs(person)
    spans = traced.get_finished_spans()
    [asked] = [span for span in spans if span.name == "POST /api/v1/audit/verify"]
    names = [span.name for span in spans if trace_of(span) == trace_of(asked)]
    [job] = [span for span in spans if span.name == "job kernel.verify_audit"]
    assert trace_of(job) == trace_of(asked)
    within_job = [
        span for span in spans if span.parent and job.context and span.parent.span_id == job.context.span_id
    ]
    assert "publish job" in names
    assert any(name.startswith("INSERT") for name in names), names
    assert any("EVALSHA" in name for name in names), names
    assert any(name.startswith("SELECT") for name in [span.name for span in within_job]), names
    told = str([dict(span.attributes or {}) for span in spans])
    assert person.email not in told
    assert str(person.identity.user_id) not in told


async def test_hot_lists_are_traced_too(traced: InMemorySpanExporter, person: Person) -> None:
    traced.clear()
    assert (await person.client.get("/api/v1/workouts")).status_code == 200
    spans = traced.get_finished_spans()
    [asked] = [span for span in spans if span.name == "GET /api/v1/workouts"]
    assert "fetch" in [span.name for span in spans if trace_of(span) == trace_of(asked)]
    assert dict(asked.attributes or {})["http.response.status_code"] == 200


@pytest.mark.parametrize(("peer", "believed"), [("192.0.2.7", True), ("203.0.113.9", False)])
async def test_only_a_trusted_proxy_chooses_the_trace(
    traced: InMemorySpanExporter, platform: Platform, peer: str, believed: bool
) -> None:
    settings = platform.settings.model_copy(update={"trusted_proxies": "192.0.2.7"})
    app = api_on(replace(platform, settings=settings))
    transport = httpx.ASGITransport(app=app, client=(peer, 40000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        await client.get("/api/v1/errors", headers={"traceparent": PARENT})
    [asked] = [span for span in traced.get_finished_spans() if span.name == "GET /api/v1/errors"]
    assert (f"{trace_of(asked):032x}" == TRACE) is believed


async def test_without_an_endpoint_nothing_is_traced(monkeypatch: pytest.MonkeyPatch, person: Person) -> None:
    monkeypatch.delenv(tracing.ENDPOINT, raising=False)
    tracing.begin("tests", "")
    assert not tracing.is_on()
    assert tracing.traceparent() is None
    assert (await person.client.get("/api/v1/workouts")).status_code == 200
