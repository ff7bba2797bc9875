"""A browser for the journeys, people to take them, and the built front end they need.

They go through the parts that stand around Rowhouse in production: nginx with TLS, PgBouncer, S3.
"""

import base64
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser, ViewportSize, expect, sync_playwright

from rowhouse.local.environment import WEB
from tests.conftest import PASSWORD
from tests.journeys.visit import WIDE, Visit
from tests.live import LiveRun, run_behind, start, trusting
from tests.real_provider import running_provider
from tests.services import Services, redis_number

__all__ = ["run_behind"]

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)

WAIT_MS = 15_000
"""What a page may take to show something, on a machine that does much else."""

GUESSES = 30
"""A minute, in the rehearsal: there, guessing has an end."""

OpenVisit = Callable[..., Visit]


@dataclass(frozen=True, slots=True)
class Resident:
    """Someone with a verified account of the live run."""

    email: str
    password: str
    organization_id: str
    account_id: str
    client: httpx.Client


@pytest.fixture(scope="session")
def live_run(run_behind: LiveRun) -> LiveRun:
    return run_behind


@pytest.fixture(scope="session")
def provider() -> Iterator[str]:
    """The issuer of an OpenID provider beside the rehearsal."""
    with running_provider() as issuer:
        yield issuer


@pytest.fixture(scope="session")
def rehearsal(services: Services, worker_number: int, provider: str) -> Iterator[LiveRun]:
    """The same parts around a run that may do what production refuses: ask a provider over http, send webhooks to this
    machine. People come from where their header says, as with a balancer in front of nginx."""
    acme = {"id": "acme", "title": "Acme", "issuer": provider, "client_id": "rowhouse", "client_secret": "w"}
    run, stop = start(
        services,
        f"rowhouse_rehearsal_{worker_number}",
        redis_number("rehearsal", worker_number),
        production_like=True,
        nginx=["set_real_ip_from 127.0.0.1;", "real_ip_header X-Forwarded-For;"],
        ROWHOUSE_ENV="development",
        ROWHOUSE_WEBHOOKS_TO_LOOPBACK="true",
        ROWHOUSE_LIMITS_AUTH=str(GUESSES),
        ROWHOUSE_OIDC_PROVIDERS=json.dumps([acme]),
    )
    with trusting(run):
        yield run
    stop()


@pytest.fixture(scope="session")
def web_out() -> Path:
    """The built front end. Whoever works on Python alone may do without; CI may not."""
    if not (WEB / "_build.json").exists():
        assert not os.environ.get("CI"), "web/out is missing: `cd web && pnpm run build`"
        pytest.skip("web/out is not built: `make test` does it, or `cd web && pnpm run build`")
    return WEB


# For a module and no longer: Playwright's loop counts as running while it is up, and no async test can run beside.
@pytest.fixture(scope="module")
def browser(web_out: Path, live_run: LiveRun) -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("google-chrome")
    assert program, "the journeys need chromium"
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        arguments = [*ARGUMENTS]
        if live_run.authority is not None:
            arguments.append(f"--ignore-certificate-errors-spki-list={_key_hash(live_run)}")
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def pictures() -> Path | None:
    """Where the pictures of the pages go, if somebody wants to look at them: the folder that PICTURES names."""
    folder = os.environ.get("PICTURES")
    if folder is None:
        return None
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(folder)


@pytest.fixture
def open_visit(browser: Browser, live_run: LiveRun, pictures: Path | None) -> Iterator[OpenVisit]:
    """Opens a watched browser window; what was wrong in it fails the test at its end."""
    opened: list[Visit] = []

    def open_one(*, size: ViewportSize = WIDE, phone: bool = False, host: str = "127.0.0.1") -> Visit:
        url = live_run.url.replace("127.0.0.1", host)
        opened.append(Visit(browser, url, pictures, size=size, phone=phone))
        return opened[-1]

    yield open_one
    for visit in opened:
        visit.close()


@pytest.fixture
def visit(open_visit: OpenVisit) -> Visit:
    return open_visit()


@pytest.fixture
def resident(live_run: LiveRun) -> Iterator[Resident]:
    """Signed up and verified over the API, whose tokens `client` carries."""
    email = f"{secrets.token_hex(6)}@example.org"
    with live_run.client("/api/v1") as client:
        given = {"name": "Robin Example", "email": email, "password": PASSWORD}
        assert client.post("/auth/register", json=given).is_success
        code = live_run.newest_code(email)
        answer = client.post("/auth/verify-email", json={"email": email, "code": code})
        assert answer.is_success, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['data']['access_token']}"
        account = client.get("/auth/me").json()["data"]["account"]
        yield Resident(email, PASSWORD, account["organization_id"], account["id"], client)


def _key_hash(run: LiveRun) -> str:
    """What the browser trusts: the key of the run's own authority, and no other."""
    assert run.authority
    key = x509.load_pem_x509_certificate(run.authority.read_bytes()).public_key()
    digest = Hash(SHA256())
    digest.update(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    return base64.b64encode(digest.finalize()).decode()
