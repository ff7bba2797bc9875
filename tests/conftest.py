"""One set of servers a session, one database and one Redis database a worker, a fresh organization a test."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import psycopg
import pytest
from cryptography.fernet import Fernet
from fastapi import FastAPI
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from psycopg import sql
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from redis.asyncio import Redis
from starlette.datastructures import State

from rowhouse.installed import registry
from rowhouse.kernel import redis as redis_client
from rowhouse.kernel.context import Identity, RequestInfo
from rowhouse.kernel.db import database
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.db.provision import migrate, provision
from rowhouse.kernel.http.app import build_api, surround
from rowhouse.kernel.identity import passwords
from rowhouse.kernel.identity.passwords import ImportedBcrypt
from rowhouse.kernel.oauth import fetching
from rowhouse.kernel.platform import Platform, running
from rowhouse.kernel.registry import Registry
from rowhouse.kernel.secrets.sealing import Sealer
from rowhouse.kernel.settings import Settings
from rowhouse.kernel.tokens.keys import ensure_signing_key
from tests.logs import keeping
from tests.services import Services, is_worker, redis_number, serve_session

TEMPLATE = "rowhouse_template"
FIRST, LAST = ("backups", "journeys", "contract", "deploy", "chaos", "local"), "isolation"
PASSWORD = "quiet-otters-paddle-upstream-42"
REAL_HASHES = passwords._hashes
PATIENCE_S = 60
SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "activities"

hypothesis_settings.register_profile(
    "repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("repeatable")
"""A run that fails fails again, on a slow machine as on a fast one; `--hypothesis-profile=default` looks at other
examples than the last time."""


def pytest_configure(config: pytest.Config) -> None:
    """Starts the servers once, in the controller, and migrates the template that workers copy."""
    if config.option.collectonly or config.option.help:
        return
    services = serve_session(config)
    if not is_worker(config):
        quick_connections(services)
        provision(services.superuser_dsn, services.passwords, TEMPLATE)
        migrate(services.dsn("rowhouse_owner", TEMPLATE))


def quick_connections(services: Services) -> None:
    """A password costs both ends of a connection milliseconds by intention; thousands of connections need not pay them.
    The superuser's own is made anew, those of the other roles are made by its sessions from now on."""
    with psycopg.connect(services.superuser_dsn, autocommit=True) as server:
        if server.info.server_version >= 160_000:
            server.execute("ALTER ROLE CURRENT_USER SET scram_iterations = 1")
            server.execute("SET scram_iterations = 1")
            password = sql.Literal(urlsplit(services.superuser_dsn).password)
            server.execute(sql.SQL("ALTER ROLE CURRENT_USER PASSWORD {}").format(password))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What shares runs and browsers comes early and together: two workers begin at two ends, so that one of them has
    all of it, and there is one run of each kind instead of two that take each other's time. Backups come before it: they
    copy, restore and verify whatever the cluster and the storage hold by then. The walls come last: the people whose
    lives they look at sign in once, and nothing else happens to them in between."""
    items.sort(key=lambda item: _turn(item.path.relative_to(Path(__file__).parent).parts[0]))


def _turn(folder: str) -> int:
    return FIRST.index(folder) if folder in FIRST else len(FIRST) + (folder == LAST)


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hashing costs tens of milliseconds by intention; two thousand tests need not pay them. What a hash must cost is
    tested with the real parameters (tests/kernel/identity/test_passwords.py)."""
    quick = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=256, parallelism=1), ImportedBcrypt()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hashes", quick)
        yield


@pytest.fixture(scope="session", autouse=True)
def patience() -> Iterator[None]:
    """The service gives its servers up within seconds; a test waits for as long as the machine has other things to do."""
    connect = redis_client.connect

    def connect_patiently(url: str, **more: int) -> Redis:
        client = connect(url, **more)
        client.connection_pool.timeout = PATIENCE_S  # type: ignore[attr-defined]  # of a pool that blocks
        client.connection_pool.connection_kwargs["socket_timeout"] = PATIENCE_S
        return client

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redis_client, "connect", connect_patiently)
        patch.setattr(database, "POOL_TIMEOUT_S", PATIENCE_S)
        patch.setattr(fetching, "DEADLINE_S", PATIENCE_S)
        patch.setattr(fetching, "TIMEOUT", httpx.Timeout(PATIENCE_S))
        yield


@pytest.fixture(scope="session", autouse=True)
def nothing_told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """At the end no line of any log, of this process or of those it has started, has told who anybody is."""
    with keeping() as kept:
        yield
        kept.look_at_files(tmp_path_factory.getbasetemp())
    assert kept.telling == [], f"{len(kept.telling)} of {kept.count} lines tell too much"


@pytest.fixture(scope="session")
def services() -> Services:
    return Services.from_environment()


@pytest.fixture(scope="session")
def worker_number() -> int:
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


@pytest.fixture(scope="session")
def database_name(services: Services, worker_number: int) -> str:
    """A copy of the migrated template, for this worker alone."""
    name = f"rowhouse_gw{worker_number}"
    copy_database(services, name)
    return name


def copy_database(services: Services, name: str) -> None:
    """Makes `name` anew from the template."""
    with psycopg.connect(services.superuser_dsn, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER rowhouse_owner STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(TEMPLATE)
            )
        )
        server.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
        server.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO app_user, app_admin").format(sql.Identifier(name))
        )
        server.execute(
            sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO rowhouse_backup").format(sql.Identifier(name))
        )


@pytest.fixture(scope="session")
def settings(
    services: Services, database_name: str, worker_number: int, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """The worker's own database and Redis, generous limits (tests of limits set their own)."""
    folder = tmp_path_factory.mktemp("rowhouse")
    return make_settings(services, database_name, redis_number("tests", worker_number), folder)


def make_settings(
    services: Services, database: str, redis_number: int, folder: Path, **more: object
) -> Settings:
    values: dict[str, object] = {
        "env": "test",
        "home": folder,
        "database_url": services.dsn("app_user", database),
        "admin_database_url": services.dsn("app_admin", database),
        "owner_database_url": services.dsn("rowhouse_owner", database),
        "redis_url": services.redis(redis_number),
        "storage_url": (folder / "storage").as_uri(),
        "mail_dir": folder / "mail",
        "master_key": Fernet.generate_key().decode(),
        "limits_user": 100_000,
        "limits_anonymous": 100_000,
        "limits_auth": 100_000,
    }
    return Settings(**(values | more))  # type: ignore[arg-type]  # pydantic converts


@pytest.fixture(scope="session")
async def platform(settings: Settings) -> AsyncIterator[Platform]:
    await prepare_keys(settings)
    async with running(settings, registry, application="tests") as platform:
        yield platform


async def prepare_keys(settings: Settings) -> None:
    assert settings.admin_database_url is not None
    admin = Database(settings.admin_database_url.get_secret_value(), pool_size=1)
    try:
        await ensure_signing_key(admin, Sealer(settings.master_key.get_secret_value()))
    finally:
        await admin.close()


@pytest.fixture(scope="session")
def app(platform: Platform) -> FastAPI:
    """The API on the session's platform; its lifespan is the fixture's."""
    return api_on(platform)


_ROUTES: dict[tuple[int, ...], tuple[Registry, FastAPI]] = {}


def api_on(platform: Platform) -> FastAPI:
    """The API on a platform, as a process of its own has it. Routes depend on the registry alone and take a third of a
    second to build, so they are built once for each; what is around them is made anew, of the platform's settings."""
    assert platform.settings.web_dir is None, "the front end is mounted among the routes"
    installed = platform.registry
    key = tuple(map(id, installed.apps))
    if key not in _ROUTES:
        _ROUTES[key] = installed, build_api(installed, platform.settings)
    app = copy(_ROUTES[key][1])
    app.state = State({"platform": platform})
    app.user_middleware, app.middleware_stack = [], None
    surround(app, platform.settings)
    return app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A stranger with a browser of its own; an exception that leaves the app fails the test."""
    # An address of its own, so that no other test's requests count against its limits.
    address = f"2001:db8::{secrets.randbelow(65_536):x}:{secrets.randbelow(65_536):x}"
    transport = httpx.ASGITransport(app=app, client=(address, 40000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        yield client


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who has signed in: a client that is theirs, and what the database knows them by."""

    client: httpx.AsyncClient
    identity: Identity
    email: str

    @property
    def headers(self) -> dict[str, str]:
        return dict(self.client.headers)


MakePerson = Callable[[], Awaitable[Person]]


@pytest.fixture
async def make_person(platform: Platform, app: FastAPI) -> AsyncIterator[MakePerson]:
    """Makes people with an organization of their own, each with a signed-in client."""
    from rowhouse.kernel.identity.people import create_person

    clients: list[httpx.AsyncClient] = []

    async def make() -> Person:
        email = f"{secrets.token_hex(6)}@example.org"
        made = await create_person(
            platform, email=email, name="Test Person", password=PASSWORD, verified=True
        )
        transport = httpx.ASGITransport(app=app, client=("203.0.113.1", 40000))
        client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")
        clients.append(client)
        answer = await client.post("/api/v1/auth/login", json={"email": email, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['data']['access_token']}"
        identity = Identity(
            organization_id=made.organization_id,
            user_id=made.user_id,
            account_id=made.account_id,
            role="owner",
            permissions=registry.permissions_of("owner"),
        )
        return Person(client, identity, email)

    yield make
    await asyncio.gather(*(client.aclose() for client in clients))


@pytest.fixture
async def person(make_person: MakePerson) -> Person:
    return await make_person()


@pytest.fixture
def open_ctx(platform: Platform) -> Callable[[Identity], object]:
    """`async with open_ctx(identity) as ctx`: a transaction on behalf of somebody."""
    from rowhouse.kernel.work import open_context

    def open_for(identity: Identity) -> object:
        return open_context(platform, identity, RequestInfo("test"))

    return open_for


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real activity files, where they are; tests that want them are skipped elsewhere."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the real activity files are not on this machine")
    return SHARED_DATA


@pytest.fixture
def run_due_jobs(platform: Platform) -> Callable[[Person], Awaitable[None]]:
    """Runs a person's waiting jobs here and now, as a worker would."""
    from rowhouse.kernel.jobs.runner import run_job

    async def run(person: Person) -> None:
        for _ in range(20):
            waiting = (await person.client.get("/api/v1/jobs?state=queued")).json()["data"]
            if not waiting:
                return
            for job in waiting:
                await run_job(platform, UUID(job["id"]), worker="test", stopping=lambda: False)

    return run
