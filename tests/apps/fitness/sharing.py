"""An athlete with something to share, grants of it, and what was recorded of those who read."""

from typing import Any
from uuid import UUID

import pytest

from rowhouse.apps.fitness.workouts import sharing
from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.jobs.runner import run_job
from rowhouse.kernel.platform import Platform
from tests.generators.activities import activity
from tests.generators.fit import fit_file
from tests.isolation.tenants import Someone
from tests.kernel.access.members import Team, data

GRANTS = "/api/v1/grants"
WORKOUTS = "/api/v1/workouts"


class Readings(list[tuple[UUID, str, str]]):
    """What was recorded: who read, whose, by which route."""


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> Readings:
    found = Readings()

    async def keep(ctx: Ctx, action: str, **more: Any) -> None:
        assert action == "health_data.read"
        found.append((ctx.account, more["resource"], more["details"]["route"]))
        await record(ctx, action, **more)

    monkeypatch.setattr(sharing, "record", keep)
    return found


@pytest.fixture
async def athlete(team: Team, platform: Platform) -> Someone:
    """A member with one workout."""
    one = await team.make("athlete")
    files = [("files", ("ride.fit", fit_file(activity(seed=7))))]
    answer = await one.client.post("/api/v1/uploads", files=files)
    await run_job(platform, UUID(data(answer)["job_id"]), worker="test", stopping=lambda: False)
    [workout] = data(await one.client.get(WORKOUTS))
    one.ids["workout_id"] = [workout["id"]]
    [source] = data(await one.client.get(f"{WORKOUTS}/{workout['id']}"))["sources"]
    one.ids["file_id"] = [source["file"]["id"]]
    return one


async def grant(athlete: Someone, to: Someone, **more: Any) -> Any:
    return data(await athlete.client.post(GRANTS, json=asking(athlete, to) | more))


def asking(athlete: Someone, to: Someone) -> dict[str, Any]:
    return {
        "account_id": str(to.identity.account_id),
        "resource": {"kind": "fitness.athlete", "id": str(athlete.identity.account_id)},
        "permissions": ["fitness.workouts.read"],
    }


def paths(athlete: Someone) -> list[str]:
    [workout], [file] = athlete.ids["workout_id"], athlete.ids["file_id"]
    return [f"{WORKOUTS}/{workout}", f"{WORKOUTS}/{workout}/streams", f"/api/v1/files/{file}"]


def listed(athlete: Someone) -> str:
    return f"{WORKOUTS}?athlete_id={athlete.identity.account_id}"
