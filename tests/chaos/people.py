"""Someone who registers, uploads and reads, over HTTP, at an API that is killed now and then."""

import hashlib
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx
import jwt

from tests.chaos.files import Upload
from tests.chaos.whole_run import BACK_S, WholeRun
from tests.live import code_in, mails_to

PASSWORD = "slow-herons-stack-copper-kettles"


class Someone:
    """An athlete with an organization of their own, signed in."""

    def __init__(self, run: WholeRun, email: str) -> None:
        self.run = run
        self.http = httpx.Client(base_url=f"{run.url}/api/v1", timeout=60)
        body = {"email": email, "password": PASSWORD, "name": "Some One"}
        assert self.http.post("/auth/register", json=body).status_code == 202
        mail_dir = run.home / "mail"
        run.until(lambda: mails_to(mail_dir, email), BACK_S)
        answer = self.http.post(
            "/auth/verify-email", json={"email": email, "code": code_in(mails_to(mail_dir, email)[-1])}
        )
        assert answer.status_code == 200, answer.text
        said = answer.json()["data"]
        self.organization_id = UUID(said["account"]["organization_id"])
        self._take(said)

    def renew(self) -> None:
        """Takes new tokens for the session, as any client does whose own have ended."""
        answer = self.http.post("/auth/refresh", json={"refresh_token": self._refresh_token})
        assert answer.status_code == 200, answer.text
        self._take(answer.json()["data"])

    @property
    def issued_at(self) -> float:
        """By the API's clock, when it made the token in use."""
        token = self.http.headers["Authorization"].removeprefix("Bearer ")
        return float(jwt.decode(token, options={"verify_signature": False})["iat"])

    def _take(self, said: dict[str, Any]) -> None:
        self.http.headers["Authorization"] = f"Bearer {said['access_token']}"
        self._refresh_token = said["refresh_token"]

    def get(self, path: str) -> httpx.Response:
        """Asks until there is an answer: in between, there may be nobody to give one, or no database."""
        deadline = time.monotonic() + BACK_S
        while True:
            try:
                answer = self.http.get(path)
                if answer.status_code != 503:
                    assert answer.status_code == 200, answer.text
                    return answer
            except httpx.TransportError:
                pass
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def upload(self, files: Sequence[Upload]) -> UUID:
        answer = self.http.post("/uploads", files=[("files", (one.name, one.data)) for one in files])
        assert answer.status_code == 202, answer.text
        return UUID(answer.json()["data"]["job_id"])

    def job(self, job_id: UUID) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"/jobs/{job_id}").json()["data"]
        return found

    def workouts(self) -> list[dict[str, Any]]:
        """All of them, page after page."""
        found: list[dict[str, Any]] = []
        cursor: str | None = ""
        while cursor is not None:
            page = self.get(
                f"/workouts?limit=100&cursor={cursor}" if cursor else "/workouts?limit=100"
            ).json()
            found += page["data"]
            cursor = page["page"]["next"]
        return found

    def originals(self) -> list[tuple[str, bytes]]:
        """Name and digest of every kept file, the digest of what is downloaded."""
        rows = self.run.rows(
            "SELECT id, name FROM fitness.files WHERE organization_id = %s ORDER BY name",
            self.organization_id,
        )
        return [(row.name, hashlib.sha256(self.get(f"/files/{row.id}").content).digest()) for row in rows]

    def uploaded_objects(self) -> list[str]:
        """What lies in storage where files wait to be imported. What the store was still writing (`#`) is no object."""
        folder = self.run.home / "storage" / "org" / str(self.organization_id) / "uploads"
        return sorted(
            str(path.relative_to(folder))
            for path in folder.rglob("*")
            if path.is_file() and "#" not in path.name
        )

    def content(self) -> dict[str, list[Any]]:
        """All that an import leaves in the database, without the ids and times of this one."""
        return {name: self.run.rows(query, self.organization_id) for name, query in CONTENT.items()}


CONTENT = {
    "records": """
        SELECT f.sha256, f.name, r.position, r.payload_sha256, r.started_at, r.summary, md5(s.parquet) AS samples
        FROM fitness.records r
        JOIN fitness.files f ON (f.organization_id, f.id) = (r.organization_id, r.file_id)
        JOIN fitness.streams s ON (s.organization_id, s.record_id) = (r.organization_id, r.id)
        WHERE r.organization_id = %s ORDER BY f.name, r.position
    """,
    "workouts": """
        SELECT w.start_time, w.sport, w.title, w.duration_s, w.distance_m, w.avg_hr_bpm, w.quality_score, w.flags,
            array(
                SELECT f.name FROM fitness.memberships m
                JOIN fitness.records r ON (r.organization_id, r.id) = (m.organization_id, m.record_id)
                JOIN fitness.files f ON (f.organization_id, f.id) = (r.organization_id, r.file_id)
                WHERE (m.organization_id, m.workout_id) = (w.organization_id, w.id) ORDER BY f.name
            ) AS files
        FROM fitness.workouts w WHERE w.organization_id = %s ORDER BY w.start_time, w.duration_s
    """,
    "matches": """
        SELECT state, score, count(*) FROM fitness.matches WHERE organization_id = %s
        GROUP BY state, score ORDER BY state, score
    """,
    "files": "SELECT name, bytes, format FROM fitness.files WHERE organization_id = %s ORDER BY name",
}
