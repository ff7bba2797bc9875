"""F8 and W5: how long the server takes for an athlete's first page, with two years of training behind it.

The demo's first athlete, all imported, is asked what their page asks when it opens: all at once over as many
connections as a browser keeps to one address, again and again, of one API process. The clock is the client's, on the
same machine, so that waiting for each other counts; CPU milliseconds stand beside it, since the machine may be shared.
"""

import asyncio
import logging
import statistics
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from time import perf_counter
from typing import Any
from uuid import UUID

import httpx
import psutil
import psycopg
import structlog

from bench.harness import Gate, Result, Servers, cpu_s, servers
from bench.speed.serving import server_processes, serving
from rowhouse.apps.fitness.demo.load import load_demo
from rowhouse.installed import registry
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.jobs.models import FINISHED
from rowhouse.kernel.jobs.runner import run_job
from rowhouse.kernel.platform import Platform, running
from rowhouse.kernel.registry import DemoLogin
from rowhouse.kernel.secrets.sealing import Sealer
from rowhouse.kernel.tokens.keys import ensure_signing_key
from rowhouse.kit.time import now

DATABASE = "dashboard"
CONNECTIONS = 6  # of a browser, to one address
WARM_UP, ROUNDS = 10, 200
GOAL_MS = 100


def run(*, scale: float = 1.0) -> Result:
    """Milliseconds at the 50th and 95th of a hundred: of each request, of the slowest kind, and of the whole page."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with servers() as up:
        up.database(DATABASE)
        login, workouts = asyncio.run(_loaded(up))
        with serving("rowhouse.api:create", up.environment(DATABASE, 1)) as (port, process):
            spenders = {"server": process, **server_processes(up)}
            rounds = max(20, round(ROUNDS * scale))
            url = f"http://127.0.0.1:{port}/api/v1/"
            pages, spent_s = asyncio.run(_opened(url, login, rounds, spenders))
    each = {path: [page[path] for page in pages] for path in pages[0]}
    every = [took for page in pages for took in page.values()]
    whole = [max(page.values()) for page in pages]
    figures = {
        "workouts": workouts,
        "requests": _told(every),
        "page": _told(whole),
        "cpu_ms_a_page": {name: round(1_000 * spent / rounds, 1) for name, spent in spent_s.items()},
        "each": {path: _told(took) for path, took in each.items()},
    }
    return Result(
        figures,
        (
            Gate("p95 ms of a request of the dashboard", _p95(every), "<=", GOAL_MS, firm=False),
            Gate("p95 ms of all that the dashboard asks", _p95(whole), "<=", GOAL_MS, firm=False),
        ),
    )


def _p95(took_ms: Sequence[float]) -> float:
    return round(statistics.quantiles(took_ms, n=20)[-1], 1)


def _told(took_ms: Sequence[float]) -> dict[str, float]:
    return {"p50_ms": round(statistics.median(took_ms), 1), "p95_ms": _p95(took_ms)}


def _paths() -> tuple[str, ...]:
    """What the page asks when it opens (web/src/features/today, and the frame around every page)."""
    today = now().date()
    kinds = ("sleep_duration", "hrv_rmssd", "hrv_sdnn", "resting_hr", "recovery_score", "sleep_stages")
    recovery = "&".join(f"type={kind}" for kind in kinds)
    return (
        "auth/me",
        "onboarding/progress",
        "preferences",
        "notices/unread",
        "sources",
        "workouts?limit=30",
        f"analysis/load?from={today - timedelta(days=41)}&to={today}&metrics=tss,ctl,atl,tsb",
        "matches?state=open&limit=20&fields=id",
        "thresholds/proposals",
        f"biometrics/latest?sources=true&{recovery}",
    )


async def _opened(
    url: str, login: DemoLogin, rounds: int, spenders: Mapping[str, psutil.Process]
) -> tuple[list[dict[str, float]], dict[str, float]]:
    """Of each opening of the page, how many milliseconds after its beginning each answer was there; and the CPU seconds
    that all of them took."""
    paths, limits = _paths(), httpx.Limits(max_connections=CONNECTIONS)
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False, limits=limits) as api:
        answer = await api.post("auth/login", json={"email": login.email, "password": login.password})
        api.headers["Authorization"] = f"Bearer {answer.raise_for_status().json()['data']['access_token']}"

        async def took_ms(path: str, began: float) -> float:
            (await api.get(path)).raise_for_status()
            return 1_000 * (perf_counter() - began)

        async def opened() -> dict[str, float]:
            began = perf_counter()
            took = await asyncio.gather(*(took_ms(path, began) for path in paths))
            return dict(zip(paths, took, strict=True))

        for _ in range(WARM_UP):
            await opened()
        before = {name: cpu_s(one) for name, one in spenders.items()}
        pages = [await opened() for _ in range(rounds)]
        return pages, {name: cpu_s(one) - before[name] for name, one in spenders.items()}


async def _loaded(up: Servers) -> tuple[DemoLogin, int]:
    """The demo's first athlete once all of the demo is imported, and how many workouts they have."""
    settings = up.settings(DATABASE, 1)
    admin = Database(up.dsn("app_admin", DATABASE), pool_size=1)
    await ensure_signing_key(admin, Sealer(settings.master_key.get_secret_value()))
    await admin.close()
    async with (
        running(settings, registry, application="bench") as platform,
        await psycopg.AsyncConnection.connect(
            up.dsn("postgres", DATABASE), autocommit=True
        ) as past_the_walls,
    ):
        working = asyncio.create_task(_work(platform, past_the_walls))
        login, *_ = await load_demo(platform)
        await _none_left(past_the_walls)
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
        found = await past_the_walls.execute(
            "SELECT count(*) FROM fitness.workouts w JOIN kernel.accounts a ON a.id = w.athlete_id"
            " JOIN kernel.users u ON u.id = a.user_id WHERE u.email = %s",
            (login.email,),
        )
        row = await found.fetchone()
        assert row is not None
        return login, row[0]


async def _queued(past_the_walls: "psycopg.AsyncConnection[tuple[Any, ...]]") -> list[UUID]:
    found = await past_the_walls.execute("SELECT id FROM kernel.jobs WHERE state = 'queued' ORDER BY id")
    return [job_id for (job_id,) in await found.fetchall()]


async def _work(platform: Platform, past_the_walls: "psycopg.AsyncConnection[tuple[Any, ...]]") -> None:
    """A worker's part, until it is cancelled."""
    while True:
        for job_id in await _queued(past_the_walls):
            await run_job(platform, job_id, worker="bench", stopping=lambda: False)
        await asyncio.sleep(0.1)


async def _none_left(past_the_walls: "psycopg.AsyncConnection[tuple[Any, ...]]") -> None:
    while True:
        found = await past_the_walls.execute(
            "SELECT kind, state FROM kernel.jobs WHERE state <> 'succeeded' LIMIT 1"
        )
        left = await found.fetchone()
        if left is None:
            return
        kind, state = left
        if state in FINISHED:
            raise RuntimeError(f"the demo's {kind} {state}")
        await asyncio.sleep(0.2)
