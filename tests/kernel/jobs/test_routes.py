"""Jobs over HTTP."""

from dataclasses import replace
from uuid import UUID

import pytest

from rowhouse.kernel.context import RequestInfo
from rowhouse.kernel.jobs.service import enqueue
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.queue.kinds import JobKind
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from tests.conftest import MakePerson, Person
from tests.kernel.jobs.staging import Unpublished
from tests.kernel.jobs.workshop import COUNT, HIDDEN, REFUSE

SHAPE = {
    "id", "kind", "state", "done", "total", "result", "error", "attempts", "run_at", "cancel_requested", "retriable",
    "created_at", "started_at", "finished_at",
}  # fmt: skip


async def ask(platform: Platform, person: Person, kind: JobKind) -> str:
    """A job whose message is lost, so that it stays as it is."""
    without_broker = replace(platform, queue=Unpublished("redis://"))
    async with open_context(without_broker, person.identity, RequestInfo("test")) as ctx:
        return str(await enqueue(ctx, kind, {"steps": 1}, total=1))


async def test_a_job_has_the_shape_of_the_contract(platform: Platform, person: Person) -> None:
    job_id = await ask(platform, person, COUNT)
    answer = await person.client.get(f"/api/v1/jobs/{job_id}")
    job = answer.json()["data"]
    assert set(job) == SHAPE
    assert (job["id"], job["kind"], job["state"]) == (job_id, "workshop.count", "queued")
    assert (job["done"], job["total"], job["result"], job["error"]) == (0, 1, None, None)
    assert job["created_at"].endswith(("Z", "+00:00"))


async def test_a_list_is_paged_and_filtered_and_hides_errands(platform: Platform, person: Person) -> None:
    kinds = [COUNT, REFUSE, HIDDEN, COUNT, COUNT]
    jobs = [await ask(platform, person, kind) for kind in kinds]
    shown = [jobs[index] for index in (4, 3, 1, 0)]
    found, cursor = [], ""
    for _page in range(3):
        page = (await person.client.get(f"/api/v1/jobs?limit=2{cursor}")).json()
        found += [job["id"] for job in page["data"]]
        if page["page"]["next"] is None:
            break
        cursor = f"&cursor={page['page']['next']}"
    assert found == shown
    await person.client.post(f"/api/v1/jobs/{jobs[0]}/cancel")

    async def listed(query: str) -> list[str]:
        return [job["id"] for job in (await person.client.get(f"/api/v1/jobs?{query}")).json()["data"]]

    assert await listed("kind=workshop.count") == [jobs[4], jobs[3], jobs[0]]
    assert await listed("state=cancelled") == [jobs[0]]
    assert await listed("kind=workshop.count&state=queued") == [jobs[4], jobs[3]]
    assert await listed("kind=workshop.hidden") == []


async def test_cancelling(platform: Platform, person: Person) -> None:
    job_id = await ask(platform, person, COUNT)
    for _time in range(2):
        answer = await person.client.post(f"/api/v1/jobs/{job_id}/cancel")
        assert (answer.status_code, answer.json()["data"]["state"]) == (200, "cancelled")


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_another_accounts_job_is_not_there(
    platform: Platform, make_person: MakePerson, method: str
) -> None:
    owner, other = await make_person(), await make_person()
    path = "/cancel" if method == "POST" else ""
    answers = [
        await other.client.request(method, f"/api/v1/jobs/{job_id}{path}")
        for job_id in (await ask(platform, owner, COUNT), await ask(platform, other, HIDDEN), uuid7())
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    bodies = [{k: v for k, v in answer.json().items() if k != "request_id"} for answer in answers]
    assert bodies[0] == bodies[1] == bodies[2]
    assert (await other.client.get("/api/v1/jobs")).json()["data"] == []


async def test_nonsense_is_refused(person: Person) -> None:
    assert (await person.client.get("/api/v1/jobs/nonsense")).status_code == 422
    assert (await person.client.get("/api/v1/jobs?state=lost")).status_code == 422
    assert (await person.client.get("/api/v1/jobs?cursor=nonsense")).status_code == 400


async def test_a_job_is_for_those_who_have_signed_in(person: Person) -> None:
    del person.client.headers["Authorization"]
    assert (await person.client.get("/api/v1/jobs")).status_code == 401
    assert (await person.client.post(f"/api/v1/jobs/{UUID(int=1)}/cancel")).status_code == 401
