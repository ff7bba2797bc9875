"""F3 and Q4: the first sync of an athlete with 1,000 activities at Strava, as the sandbox speaks it, with one worker.

The sandbox is a process of its own with generous limits; the worker's work is done in this process, as `rowhouse worker`
does it: the same claim, transactions, walls, audit log and files in storage. The activities are those of a few years,
25 minutes to four hours long, each with its laps and a sample a second: two calls each, and one for every page. What is
counted is from the job's beginning to its end; CPU seconds stand beside the clock, since the machine may be shared.
"""

import asyncio
import logging
from collections.abc import Mapping
from time import perf_counter, process_time
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import psutil
import psycopg
import structlog

from bench.harness import Gate, Result, Servers, cpu_s, servers
from bench.speed.serving import server_processes, serving
from rowhouse.installed import registry
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.http.app import build_api
from rowhouse.kernel.identity.people import create_person
from rowhouse.kernel.jobs.runner import run_job
from rowhouse.kernel.platform import Platform, running
from rowhouse.kernel.secrets.sealing import Sealer
from rowhouse.kernel.settings import Settings
from rowhouse.kernel.tokens.keys import ensure_signing_key
from rowhouse.kit.garbage import settle
from sandbox.clients import CLIENTS

DATABASE = "sync"
ACTIVITIES = 1_000
DAYS = 1_200
GOAL_S, BOUND_S = 60, 300
EMAIL, PASSWORD = "athlete@example.org", "quiet-otters-paddle-upstream-42"
HERE = "http://127.0.0.1:8000"


def run(*, scale: float = 1.0) -> Result:
    """Seconds by the clock and of CPU, for the whole and for each activity."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    activities = round(ACTIVITIES * scale)
    with servers() as up, serving("sandbox.app:create", {}) as (port, sandbox):
        up.database(DATABASE)
        spenders = {"sandbox": sandbox, **server_processes(up)}
        figures = asyncio.run(_measured(up, f"http://127.0.0.1:{port}", spenders, activities))
    seconds = figures["wall_s"]
    return Result(
        figures,
        (
            Gate("seconds for 1,000 activities, one worker", seconds, "<=", BOUND_S * scale),
            Gate("seconds for 1,000 activities, the goal", seconds, "<=", GOAL_S * scale, firm=False),
        ),
    )


async def _measured(
    up: Servers, url: str, spenders: Mapping[str, psutil.Process], activities: int
) -> dict[str, float]:
    client = CLIENTS["strava"]
    given = {"strava": {"client_id": client.id, "client_secret": client.secret, "url": f"{url}/strava"}}
    known = up.settings(DATABASE, 1).model_dump(exclude_defaults=True)
    settings = Settings.model_validate(known | {"connections": given})
    admin = Database(up.dsn("app_admin", DATABASE), pool_size=1)
    await ensure_signing_key(admin, Sealer(settings.master_key.get_secret_value()))
    await admin.close()
    async with running(settings, registry, application="bench") as platform:
        job_id = await _connected(platform, url, activities)
        settle()
        began, own, before = perf_counter(), process_time(), {n: cpu_s(one) for n, one in spenders.items()}
        await run_job(platform, job_id, worker="bench", stopping=lambda: False)
        wall_s, worker_s = perf_counter() - began, process_time() - own
        spent = {f"{name}_cpu_s": round(cpu_s(one) - before[name], 2) for name, one in spenders.items()}
        await _checked(up, activities)
    return {
        "activities": activities,
        "wall_s": round(wall_s, 2),
        "worker_cpu_s": round(worker_s, 2),
        **spent,
        "worker_cpu_ms_an_activity": round(1_000 * worker_s / activities, 1),
    }


async def _checked(up: Servers, activities: int) -> None:
    """That all of it came."""
    async with await psycopg.AsyncConnection.connect(up.dsn("postgres", DATABASE)) as past_the_walls:
        found = await past_the_walls.execute(
            "SELECT (SELECT state FROM kernel.jobs WHERE kind = 'fitness.sync'),"
            " (SELECT count(*) FROM fitness.source_items), (SELECT count(*) FROM fitness.efforts)"
        )
        row = await found.fetchone()
    assert row is not None
    state, items, efforts = row
    if (state, items, efforts >= items * 0.9) != ("succeeded", items, True) or items < activities * 0.5:
        raise RuntimeError(f"the sync is {state}, and has brought {items} activities, {efforts} efforts")


async def _connected(platform: Platform, url: str, activities: int) -> UUID:
    """The job of the first sync of somebody who has allowed it on the sandbox's page."""
    await create_person(platform, email=EMAIL, name="Athlete", password=PASSWORD, verified=True)
    app = build_api(registry, platform.settings)
    app.state.platform = platform
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=HERE) as api,
        httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as over_there,
    ):
        wanted = {"seed": 1, "activities": activities, "days": DAYS}
        athlete = (await over_there.post("/_sandbox/athletes", json=wanted)).raise_for_status().json()["id"]
        signed_in = await api.post("/api/v1/auth/login", json={"email": EMAIL, "password": PASSWORD})
        api.headers["Authorization"] = f"Bearer {_data(signed_in)['access_token']}"
        page = _data(await api.post("/api/v1/sources/strava/connect"))["authorize_url"]
        sent = await over_there.post(page, data={"athlete": athlete, "decision": "approve"})
        back = urlsplit(sent.headers["location"])
        await api.get(f"{back.path}?{back.query}")
        [source] = _data(await api.get("/api/v1/sources"))
        return UUID(_data(await api.get(f"/api/v1/sources/{source['id']}"))["job_id"])


def _data(answer: httpx.Response) -> Any:
    return answer.raise_for_status().json()["data"]
