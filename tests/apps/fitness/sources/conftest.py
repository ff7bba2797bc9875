"""The sandbox of providers, a platform that has its credentials, and athletes who connect."""

import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import httpx
import orjson
import pytest
from sqlalchemy import select, update

from rowhouse.apps.fitness.sources import calls, spending
from rowhouse.apps.fitness.sources.models import Source
from rowhouse.apps.fitness.sources.strava import adapter
from rowhouse.kernel.context import RequestInfo
from rowhouse.kernel.jobs.models import Job
from rowhouse.kernel.jobs.runner import run_job
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.queue.kinds import JobKind
from rowhouse.kernel.queue.publishing import Queue
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now
from sandbox.clients import CLIENTS
from sandbox.common import webhooks
from sandbox.world.athletes import Athlete as Sandboxed
from sandbox.world.nights import Night, nights
from tests.conftest import Person, api_on
from tests.sandbox.served import Served, served

HERE = RequestInfo("test")
HOOK = "a-path-that-providers-know"
POLAR_KEY = "shown-once"


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Served]:
    with served() as found, pytest.MonkeyPatch.context() as patch:
        # Who answers is in this process too, beside all that a test has it do.
        patch.setattr(webhooks, "PATIENCE", 15.0)
        yield found


@pytest.fixture
def there(platform: Platform, sandbox: Served) -> Platform:
    """The session's platform with the sandbox's credentials."""
    given = {
        name: {"client_id": one.id, "client_secret": one.secret, "url": f"{sandbox.url}/{name}"}
        for name, one in CLIENTS.items()
    }
    given["garmin-personal"] = {"client_id": "personal", "url": f"{sandbox.url}/garmin-personal"}
    hooks = {
        "strava": {"paths": [HOOK], "verify_token": "hello"},
        "polar": {"paths": [HOOK], "secrets": [POLAR_KEY]},
        "garmin": {"paths": [HOOK]},
        "whoop": {"paths": [HOOK]},
        "oura": {"paths": [HOOK], "verify_token": "hello"},
        "withings": {"paths": [HOOK]},
    }
    known = platform.settings.model_dump(exclude_defaults=True)
    more = {"connections": given, "webhook_providers": hooks}
    return replace(platform, settings=type(platform.settings).model_validate(known | more))


class Mailbox(ThreadingHTTPServer):
    """Where the sandbox's webhooks arrive: kept with their headers, until a test hands them on to the API."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Slot)
        self.letters: list[tuple[str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Slot(BaseHTTPRequestHandler):
    server: Mailbox

    def do_GET(self) -> None:
        asked = dict(parse_qsl(urlsplit(self.path).query))
        self._answer(orjson.dumps({name: asked.get(name, "") for name in ("hub.challenge", "challenge")}))

    def do_HEAD(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        kept = {name.lower(): value for name, value in self.headers.items()}
        self.server.letters.append((self.path.strip("/"), kept, body))
        self._answer(b"{}")

    def log_message(self, *_arguments: object) -> None:
        """Quiet."""

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="session")
def post_office() -> Iterator[Mailbox]:
    with Mailbox() as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield found
        found.shutdown()


@pytest.fixture
def mailbox(post_office: Mailbox) -> Mailbox:
    post_office.letters.clear()
    return post_office


@dataclass(frozen=True, slots=True)
class Athlete:
    """Somebody with a Rowhouse account, and who they are in the sandbox."""

    platform: Platform
    sandbox: Served
    person: Person
    http: httpx.AsyncClient
    id: str
    ids: dict[str, Any]

    async def connect(self, provider: str, **fields: object) -> str:
        """Through the provider's page and back; where the browser lands. `fields` are of the page's form."""
        begun = await self.http.post(f"/api/v1/sources/{provider}/connect")
        assert begun.status_code == 200, begun.text
        back = urlsplit(self.sandbox.approve(begun.json()["data"]["authorize_url"], self.id, **fields))
        landed = await self.http.get(f"{back.path}?{back.query}")
        assert landed.status_code == 302, landed.text
        return landed.headers["location"]

    async def connected(self) -> "Athlete":
        """With Strava, and the first sync done."""
        assert await self.connect("strava") == "/sources?connected=strava"
        await self.work()
        return self

    async def connect_by_key(self) -> None:
        """Garmin, with the key that it gave the athlete."""
        key = self.sandbox.control("GET", f"athletes/{self.id}")["garmin_personal_key"]
        answer = await self.http.post("/api/v1/sources/garmin-personal/key", json={"key": key})
        assert answer.status_code == 202, answer.text

    async def source(self, provider: str | None = None) -> Any:
        found = (await self.http.get("/api/v1/sources")).json()["data"]
        [one] = [one for one in found if provider in (None, one["provider"])]
        return one

    async def detail(self) -> Any:
        answer = await self.http.get(f"/api/v1/sources/{(await self.source())['id']}")
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def workouts(self) -> list[Any]:
        found: list[Any] = (await self.http.get("/api/v1/workouts?limit=1000")).json()["data"]
        return found

    def truth(self, provider: str = "strava") -> list[Any]:
        """What the sandbox's athlete has done, as far as the provider knows."""
        done = self.sandbox.control("GET", f"athletes/{self.id}/activities")
        return [one for one in done if provider in one["at"]]

    def nights(self, provider: str) -> list[Night]:
        """What really was, as that provider's device measured it, the newest first; without what was added by hand."""
        known = self.sandbox.control("GET", f"athletes/{self.id}")
        until = datetime.fromisoformat(known["until"])
        made = Sandboxed(self.id, known["seed"], known["name"], known["activities"], known["days"], until)
        return list(reversed(nights(made, provider)))

    async def values(self, kind: str) -> list[Any]:
        answer = await self.http.get("/api/v1/biometrics", params={"type": kind})
        assert answer.status_code == 200, answer.text
        found: list[Any] = answer.json()["data"]
        return found

    def does(self, *providers: str, days_ago: float = 1.0, **more: object) -> Any:
        """Something new that these providers see; no webhook tells of it. Counted back from midnight: at whatever hour a test
        runs, it begins beside the same of the made ones."""
        midnight = now().replace(hour=0, minute=0, second=0, microsecond=0)
        start = (midnight - timedelta(days=days_ago)).isoformat(timespec="seconds")
        wanted = {"at": list(providers), "start": start, "elapsed_s": 1500, "notify": False, **more}
        return self.sandbox.control("POST", f"athletes/{self.id}/activities", wanted)

    def calls(self, provider: str = "strava") -> list[Any]:
        found: list[Any] = self.sandbox.control("GET", f"calls?provider={provider}")
        return found

    async def sync(self) -> Any:
        """By hand, and done."""
        answer = await self.http.post(f"/api/v1/sources/{(await self.source())['id']}/sync")
        assert answer.status_code == 202, answer.text
        await self.work()
        return (await self.http.get(f"/api/v1/jobs/{answer.json()['data']['job_id']}")).json()["data"]

    async def work(self, *, waiting: bool = False) -> None:
        """Runs what is due of this athlete, as a worker would; with `waiting` what waits for a later time too."""
        for _ in range(10):
            async with open_context(self.platform, self.person.identity, HERE) as ctx:
                own = (Job.organization_id == ctx.org, Job.account_id == ctx.account, Job.state == "queued")
                if waiting:
                    await ctx.session.execute(update(Job).where(*own).values(run_at=now()))
                due = select(Job.id).where(*own, Job.run_at <= now()).order_by(Job.id)
                found: list[UUID] = list((await ctx.session.scalars(due)).all())
            if not found:
                return
            for job_id in found:
                await run_job(self.platform, job_id, worker="test", stopping=lambda: False)
            waiting = False

    async def told(
        self, provider: str, body: object, woken: list[UUID], headers: Mapping[str, str] | None = None
    ) -> str:
        """A webhook of the provider, taken, and worked on with whatever it begins; what was answered."""
        woken.clear()
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        answer = await self.http.post(f"/api/v1/webhooks/{provider}/{HOOK}", content=content, headers=headers)
        if answer.status_code != 200:
            return str(answer.json()["code"])
        for job_id in list(woken):
            await run_job(self.platform, job_id, worker="test", stopping=lambda: False)
        await self.work()
        return str(answer.json()["data"]["status"])

    async def notices(self) -> list[str]:
        """The kinds of what was told, the newest first."""
        found = (await self.http.get("/api/v1/notices")).json()["data"]
        return [one["kind"] for one in found]

    async def jobs(self) -> Sequence[Job]:
        async with open_context(self.platform, self.person.identity, HERE) as ctx:
            own = (Job.organization_id == ctx.org, Job.account_id == ctx.account)
            return (await ctx.session.scalars(select(Job).where(*own))).all()

    def subscribe(self, mailbox: Mailbox) -> int:
        """Has Strava send its events to the mailbox, as its one subscription; which."""
        door, client = f"{self.sandbox.url}/strava/api/v3/push_subscriptions", CLIENTS["strava"]
        form = {"client_id": client.id, "client_secret": client.secret}
        with httpx.Client(timeout=30, trust_env=False) as http:
            for one in http.get(door, params=form).json():
                http.delete(f"{door}/{one['id']}", params=form)
            wanted = {**form, "callback_url": f"{mailbox.url}/strava", "verify_token": "hello"}
            return int(http.post(door, data=wanted).raise_for_status().json()["id"])

    async def deliver(self, mailbox: Mailbox, woken: list[UUID]) -> list[str]:
        """Hands on what has arrived, in the order in which it came; what each was answered."""
        self.sandbox.control("GET", "deliveries")
        letters, mailbox.letters[:] = list(mailbox.letters), []
        return [await self.told(provider, body, woken, headers) for provider, headers, body in letters]

    async def row(self) -> Source:
        async with open_context(self.platform, self.person.identity, HERE) as ctx:
            own = select(Source).where(Source.organization_id == ctx.org, Source.athlete_id == ctx.account)
            return (await ctx.session.scalars(own)).one()


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several pages of little, and nothing is waited for."""
    monkeypatch.setattr(adapter, "PER_PAGE", 2)

    async def at_once(_delay_s: float) -> None:
        return None

    monkeypatch.setattr(calls, "pause", at_once)


@pytest.fixture(autouse=True)
def month(monkeypatch: pytest.MonkeyPatch) -> date:
    """That of all budgets: it does not end meanwhile."""
    found = calls.this_month()
    for module in (calls, spending):
        monkeypatch.setattr(module, "this_month", lambda: found)
    return found


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """The jobs that workers were woken for."""
    found: list[UUID] = []

    async def publish(_queue: Queue, _kind: JobKind, job_id: UUID) -> bool:
        found.append(job_id)
        return True

    monkeypatch.setattr(Queue, "publish", publish)
    return found


@asynccontextmanager
async def athlete_of(
    there: Platform, sandbox: Served, person: Person, activities: int = 5
) -> AsyncIterator[Athlete]:
    """One with a few activities of the last weeks: more than two pages of them."""
    made = sandbox.athlete(11, activities=activities, days=20)
    app = api_on(there)
    transport = httpx.ASGITransport(app=app, client=("203.0.113.77", 40000))
    async with httpx.AsyncClient(
        transport=transport,
        base_url="http://127.0.0.1:8000",
        headers={"Authorization": person.client.headers["Authorization"]},
    ) as http:
        yield Athlete(there, sandbox, person, http, made["id"], made["ids"])
    sandbox.control("DELETE", f"athletes/{made['id']}")


@pytest.fixture
async def athlete(there: Platform, sandbox: Served, person: Person) -> AsyncIterator[Athlete]:
    sandbox.control("DELETE", "calls")
    async with athlete_of(there, sandbox, person) as found:
        yield found
        sandbox.control("DELETE", "faults")
        # What is still on its way to the mailbox is this test's, and not a letter of the next.
        sandbox.control("GET", "deliveries")
