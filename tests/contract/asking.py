"""People of the contract's tests: HTTP against the live run, and each answer held to its envelope."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from tests.live import LiveRun, until

PASSWORD = "nine-badgers-carry-warm-lanterns"
JOB_S = 90.0
JOB_KEYS = {
    "id", "kind", "state", "done", "total", "result", "error", "attempts", "run_at", "cancel_requested",
    "retriable", "created_at", "started_at", "finished_at",
}  # fmt: skip


def inside(answer: httpx.Response, status: int = 200) -> Any:
    """What the envelope of one thing holds."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"data"}
    return body["data"]


def listed(answer: httpx.Response) -> tuple[list[Any], str | None]:
    """What the envelope of a list holds, and the next page's cursor."""
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert set(body) == {"data", "page"}
    assert set(body["page"]) == {"next", "limit"}
    assert isinstance(body["page"]["limit"], int)
    assert len(body["data"]) <= body["page"]["limit"]
    return body["data"], body["page"]["next"]


def problem(answer: httpx.Response, status: int, code: str | None = None) -> dict[str, Any]:
    """A problem as RFC 9457 and the contract have it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert {"type", "title", "status", "detail", "code", "request_id"} <= set(body)
    assert body["status"] == status
    assert code is None or body["code"] == code
    assert all(isinstance(body[name], str) and body[name] for name in ("type", "title", "detail", "code"))
    assert body["request_id"] == answer.headers["x-request-id"]
    for error in body.get("errors", []):
        assert set(error) == {"field", "code", "message"}
        assert all(isinstance(text, str) and text for text in error.values())
    return body


@dataclass(frozen=True, slots=True)
class Someone:
    """Somebody who has signed in; `said` is what signing in answered."""

    http: httpx.Client
    email: str
    said: Mapping[str, Any]

    def upload(self, *files: tuple[str, bytes]) -> list[dict[str, Any]]:
        """Uploads and waits for the import's end; returns `result.files`."""
        answer = self.http.post("/api/v1/uploads", files=[("files", one) for one in files])
        job = self.ended(inside(answer, 202)["job_id"])
        assert (job["state"], job["error"]) == ("succeeded", None)
        assert job["done"] == job["total"]
        results: list[dict[str, Any]] = job["result"]["files"]
        return results

    def ended(self, job_id: str) -> dict[str, Any]:
        job: dict[str, Any] = {}

        def over() -> bool:
            job.update(inside(self.http.get(f"/api/v1/jobs/{job_id}")))
            assert set(job) == JOB_KEYS
            assert job["state"] in {"queued", "running", "succeeded", "failed", "cancelled"}
            return job["finished_at"] is not None

        until(over, JOB_S)
        return job

    def every(self, path: str, **query: str | int) -> list[dict[str, Any]]:
        """All rows of a list, page after page."""
        rows: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            found, cursor = listed(
                self.http.get(path, params={**query, **({"cursor": cursor} if cursor else {})})
            )
            rows += found
            if cursor is None:
                return rows

    def workouts(self) -> Sequence[dict[str, Any]]:
        return self.every("/api/v1/workouts")


def new_email() -> str:
    return f"{secrets.token_hex(6)}@example.org"


def registered(live_run: LiveRun, **more: str) -> Someone:
    """Registers, reads the mail, verifies."""
    http = live_run.client()
    email = new_email()
    person = {"email": email, "password": PASSWORD, "name": "Ada Byron"} | more
    answer = http.post("/api/v1/auth/register", json=person)
    assert answer.status_code == 202, answer.text
    code = live_run.newest_code(email)
    said = inside(http.post("/api/v1/auth/verify-email", json={"email": email, "code": code}))
    http.headers["Authorization"] = f"Bearer {said['access_token']}"
    return Someone(http, email, said)
