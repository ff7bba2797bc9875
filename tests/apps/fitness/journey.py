"""Steps that many fitness tests take, over HTTP."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from tests.conftest import Person

RunJobs = Callable[[Person], Awaitable[None]]


async def upload(person: Person, run_jobs: RunJobs, *files: tuple[str, bytes]) -> list[dict[str, Any]]:
    """Uploads the files, runs the import, returns `result.files`."""
    answer = await person.client.post("/api/v1/uploads", files=[("files", file) for file in files])
    assert answer.status_code == 202, answer.text
    job_id = answer.json()["data"]["job_id"]
    await run_jobs(person)
    job = (await person.client.get(f"/api/v1/jobs/{job_id}")).json()["data"]
    assert job["state"] == "succeeded", job
    assert job["done"] == job["total"]
    results: list[dict[str, Any]] = job["result"]["files"]
    return results


async def workouts(person: Person, query: str = "") -> Sequence[dict[str, Any]]:
    answer = await person.client.get(f"/api/v1/workouts{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found
