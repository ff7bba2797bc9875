"""What Prometheus reads of a run with all its processes, and what it must never read."""

import json
import re
import secrets
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from rowhouse.installed import registry
from rowhouse.kernel.observability import metrics
from tests.live import LiveRun, until

DOORS = ("api", "worker", "scheduler")
MOST_SERIES = 600
MOST_OF_A_ROUTE = 25
"""A histogram with its sum and count, and the statuses that it answers with."""
UNDOCUMENTED = 20
DOCUMENT = json.loads((Path(__file__).parents[3] / "openapi.json").read_text(encoding="utf-8"))
VALUE = re.compile(r"[a-z0-9_.+/{}:-]{0,120}", re.IGNORECASE)
IDENTIFIER = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}|@|\d{4,}|[0-9a-f]{20,}", re.IGNORECASE)
PASSWORD = "quiet-otters-paddle-upstream-42"

Read = dict[str, Metric]


def read(run: LiveRun, door: str) -> Read:
    return {family.name: family for family in text_string_to_metric_families(run.metrics(door))}  # type: ignore[arg-type]  # one of DOORS


def value(found: Read, name: str, **labels: str) -> float:
    return sum(
        sample.value
        for sample in found[name.removesuffix("_total").removesuffix("_count")].samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


@pytest.fixture(scope="module")
def used(live_run: LiveRun) -> LiveRun:
    """The run after a sign-up, a refusal, a probe and a path that holds an id and an email."""
    email = f"{secrets.token_hex(6)}@example.org"
    with live_run.client("/api/v1") as client:
        given = {"name": "Maria Metric", "email": email, "password": PASSWORD}
        assert client.post("/auth/register", json=given).is_success
        code = live_run.newest_code(email)
        signed_in = client.post("/auth/verify-email", json={"email": email, "code": code}).json()["data"]
        client.headers["Authorization"] = f"Bearer {signed_in['access_token']}"
        assert client.get("/workouts").is_success
        assert client.get(f"/workouts/{signed_in['account']['id']}").status_code == 404
        assert client.request("PROPFIND", f"/nobody/{email}").status_code in (404, 405)
        assert client.post("/auth/login", json={"email": email, "password": "wrong-one"}).status_code == 401
    return live_run


def test_requests_are_counted_by_pattern(used: LiveRun) -> None:
    def told() -> bool:
        found = read(used, "api")
        labels = {"method": "GET", "route": "/api/v1/workouts"}
        return (
            value(found, "rowhouse_http_requests_total", status="200", **labels) >= 1
            and value(found, "rowhouse_http_request_duration_seconds_count", **labels) >= 1
            and value(found, "rowhouse_isolation_refusals_total", wall="identifier") >= 1
            and value(found, "rowhouse_problems_total", code="invalid_credentials") >= 1
            and value(found, "rowhouse_part_healthy", part="database", essential="true") == 1
            and value(found, "rowhouse_database_pool_connections", pool="read", state="limit") == 8
        )

    until(told, 60)


def test_the_pools_processes_count_into_the_workers_page(used: LiveRun) -> None:
    def told() -> bool:
        found = read(used, "worker")
        labels = {"kind": "kernel.send_mail"}
        return (
            value(found, "rowhouse_job_attempts_total", outcome="succeeded", **labels) >= 1
            and value(found, "rowhouse_job_duration_seconds_count", **labels) >= 1
        )

    until(told, 60)


def test_the_scheduler_tells_queues_memory_limits_and_figures(used: LiveRun) -> None:
    def told() -> bool:
        found = read(used, "scheduler")
        series = {(s.labels["queue"], s.labels["state"]) for s in found["rowhouse_queue_jobs"].samples}
        figures = {s.labels["figure"] for s in found["rowhouse_business_figure"].samples}
        return (
            series
            == set(product(("critical", "default", "bulk"), ("waiting", "paused", "delayed", "running")))
            and value(found, "rowhouse_redis_memory_bytes", kind="used") > 0
            and "rowhouse_service_limit_used_ratio" in found
            and {"active_users", "active_organizations", "onboarding", "data_quality"} <= figures
        )

    until(told, 60)


@pytest.mark.parametrize("door", DOORS)
def test_no_label_holds_an_identifier_and_series_are_few(used: LiveRun, door: str) -> None:
    """They grow with the routes of the code and with nothing that somebody asks."""
    samples = [sample for family in read(used, door).values() for sample in family.samples]
    routes = {(s.labels["method"], s.labels["route"]) for s in samples if "route" in s.labels}
    by_route = [sample for sample in samples if "route" in sample.labels]
    assert len({route for _, route in routes}) <= len(DOCUMENT["paths"]) + UNDOCUMENTED
    assert len(by_route) <= MOST_OF_A_ROUTE * len(routes)
    assert 0 < len(samples) - len(by_route) < MOST_SERIES
    for sample in samples:
        for name, label in ((n, v) for n, v in sample.labels.items() if n != "le"):
            assert VALUE.fullmatch(label), (sample.name, name, label)
            assert not IDENTIFIER.search(label), (sample.name, name, label)


def test_every_name_follows_the_conventions() -> None:
    for family in metrics.REGISTRY.collect():
        assert re.fullmatch(r"rowhouse_[a-z_]+", family.name)
        assert family.documentation.endswith(".")
        assert family.type != "counter" or all(s.name.endswith("_total") for s in samples_of(family))


def samples_of(family: Metric) -> Iterator[Sample]:
    yield from (sample for sample in family.samples if not sample.name.endswith("_created"))


def test_alerts_see_a_first_count(used: LiveRun) -> None:
    """A series that begins with 1 shows no increase, so what alerts wait for begins with 0."""
    api, worker = read(used, "api"), read(used, "worker")
    codes = {sample.labels["code"] for sample in api["rowhouse_problems"].samples}
    kinds = {sample.labels["kind"] for sample in worker["rowhouse_job_attempts"].samples}
    assert {"refresh_token_reused", "invalid_credentials"} <= codes
    assert kinds == set(registry.jobs)


def test_metrics_are_not_on_the_public_port(used: LiveRun) -> None:
    assert used.ask("GET", "/metrics").status_code == 404
