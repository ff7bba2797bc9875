"""Q1: the list of workouts beside its two limits, other endpoints, and whether more tenants make it dearer."""

import asyncio
import json
import random
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

from bench.harness import Gate, Result, Servers, medians, servers
from bench.speed.bare import DSN
from bench.speed.data import Athlete, athletes, fill, settle
from bench.speed.serving import Contestant, Request, loaded, serving
from rowhouse.installed import registry
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.platform import running
from rowhouse.kernel.secrets.sealing import Sealer
from rowhouse.kernel.tokens.keys import ensure_signing_key

API = "rowhouse.api:create"
LIST, ME = "/api/v1/workouts", "/api/v1/auth/me"
MANY, FEW = "many", "few"
FEW_CONNECTIONS = 10
GROWN = 10_000
WARM_UP_S = 1.5
Rounds = Mapping[str, Mapping[str, float]]


def run(*, rounds: int = 5, seconds: float = 4.0, scale: float = 1.0) -> Result:
    """All of it; `scale` shrinks the tables for a try."""
    each = round(10_000 * scale)
    with servers() as up:
        people = _database(up, MANY, 0, 100, each)
        against = _against_limits(up, people, rounds, seconds)
        others = _others(up, people, seconds)
        # To five times the rows, in a hundred times the organizations.
        _more(up, MANY, 101, GROWN, round(4_000_000 * scale / (GROWN - 100)))
        growth = _growth(up, each, rounds, seconds)
    product, limit, rows = (against[n] for n in ("rowhouse", "passed_through", "from_rows"))
    gates = (
        Gate("CPU a request / limit (a)", product["cpu_us"] / limit["cpu_us"], "<=", 1.45),
        Gate("CPU a request / limit (b)", product["cpu_us"] / rows["cpu_us"], "<=", 1.45),
        Gate("requests/s / limit (a)", product["requests_per_s"] / limit["requests_per_s"], ">=", 0.65),
        Gate(
            "CPU in 10,000 organizations with 5 million workouts / in 10 with 0.1",
            growth["many"]["cpu_us"] / growth["few"]["cpu_us"],
            "<=",
            1.2,
        ),
        Gate("p99 / p50", product["p99_ms"] / product["p50_ms"], "<=", 2.5, firm=False),
        Gate("p95 ms at 100 connections", product["p95_ms"], "<=", 100, firm=False),
        Gate(
            f"p95 ms of auth/me, {FEW_CONNECTIONS} connections", others["me"]["p95_ms"], "<=", 100, firm=False
        ),
    )
    return Result({"list": against, "others": others, "growth": growth}, gates)


def profile(*, seconds: float = 60.0, scale: float = 0.1) -> None:
    """Serves the list under load, for looking at it with a profiler: prints the server's process id."""
    with servers() as up:
        people = _database(up, MANY, 0, 100, round(10_000 * scale))
        with _product(up, "rowhouse", MANY, 1, people) as contestant:
            print("server", contestant.process.pid, flush=True)
            print(json.dumps(loaded(contestant, up, seconds), indent=1))


def _against_limits(up: Servers, people: Sequence[Athlete], rounds: int, seconds: float) -> Rounds:
    bare_requests = [(f"/workouts?o={p.organization_id}&p={p.account_id}", "") for p in people]
    environment = {DSN: up.dsn("postgres", MANY)}
    with ExitStack() as stack:
        contestants = [stack.enter_context(_product(up, "rowhouse", MANY, 1, people))]
        for name in ("passed_through", "from_rows"):
            port, process = stack.enter_context(serving(f"bench.speed.bare:{name}", environment))
            contestants.append(Contestant(name, port, process, bare_requests))
        _same_rows(contestants)
        return _shuffled(up, contestants, rounds, seconds)


def _others(up: Servers, people: Sequence[Athlete], seconds: float) -> Rounds:
    """Latencies with as many workers as the machine of the goals has cores."""
    with _product(up, "two_workers", MANY, 1, people, workers=2) as lists:
        me = replace(lists, name="me", requests=_requests(ME, people), connections=FEW_CONNECTIONS)
        return _shuffled(up, [lists, me], 3, seconds)


def _growth(up: Servers, each: int, rounds: int, seconds: float) -> Rounds:
    """The lists of 10 organizations that are alone, and of 10 among 10,000. Those of 1,000 in turns are told too:
    they need more memory than PostgreSQL's cache has, whosever rows they were."""
    few = _database(up, FEW, 1, 10, each)
    everybody = asyncio.run(_athletes(up, MANY, 0, 1000))
    with (
        _product(up, "few", FEW, 1, few) as small,
        _product(up, "many", MANY, 0, everybody[:10]) as large,
    ):
        everyone = replace(large, name="everybody", requests=_requests(LIST, everybody))
        return _shuffled(up, [small, large, everyone], rounds, seconds)


@contextmanager
def _product(
    up: Servers, name: str, database: str, redis: int, people: Sequence[Athlete], *, workers: int = 1
) -> Iterator[Contestant]:
    with serving(API, up.environment(database, redis), workers=workers) as (port, process):
        yield Contestant(name, port, process, _requests(LIST, people))


def _shuffled(up: Servers, contestants: Sequence[Contestant], rounds: int, seconds: float) -> dict[str, Any]:
    """Each contestant once a round, in an order of chance, after a round that counts for nothing."""
    for contestant in contestants:
        loaded(contestant, up, WARM_UP_S)
    seen: dict[str, list[dict[str, float]]] = {c.name: [] for c in contestants}
    for _ in range(rounds):
        for contestant in random.sample(contestants, len(contestants)):
            seen[contestant.name].append(loaded(contestant, up, seconds))
    return {name: medians(measured) for name, measured in seen.items()}


def _requests(path: str, people: Sequence[Athlete]) -> list[Request]:
    return [(path, f"Authorization: Bearer {person.token}\r\n") for person in people]


def _same_rows(contestants: Sequence[Contestant]) -> None:
    """All answer the same 100 workouts, and through the front the same values as straight from PostgreSQL."""
    pages = {c.name: _page(c)["data"] for c in contestants}
    ids = {name: [item["id"] for item in page] for name, page in pages.items()}
    if not (len(ids["rowhouse"]) == 100 and ids["rowhouse"] == ids["passed_through"] == ids["from_rows"]):
        raise AssertionError("the contestants do not answer the same rows")
    if pages["rowhouse"] != pages["passed_through"]:
        raise AssertionError("the list and limit (a) do not answer the same values")


def _page(contestant: Contestant) -> Any:
    path, headers = contestant.requests[0]
    request = urllib.request.Request(f"http://127.0.0.1:{contestant.port}{path}")
    for line in headers.splitlines():
        request.add_header(*line.split(": ", 1))
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own address
        return json.loads(answer.read())


def _database(up: Servers, name: str, redis: int, organizations: int, each: int) -> list[Athlete]:
    up.database(name)
    _more(up, name, 1, organizations, each)
    return asyncio.run(_athletes(up, name, redis, organizations))


def _more(up: Servers, name: str, first: int, last: int, each: int) -> None:
    fill(up, name, first, last, each)
    settle(up, name)


async def _athletes(up: Servers, name: str, redis: int, organizations: int) -> list[Athlete]:
    settings = up.settings(name, redis)
    admin = Database(up.dsn("app_admin", name), pool_size=1)
    await ensure_signing_key(admin, Sealer(up.master_key))
    await admin.close()
    async with running(settings, registry, application="bench") as platform:
        return await athletes(platform, organizations)
