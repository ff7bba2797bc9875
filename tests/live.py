"""The platform as it runs: uvicorn, worker and scheduler as processes of their own, on the session's servers.

One run a session, started by the first test that asks. A folder of tests takes it by `from tests.live import
live_run` in its conftest; however many folders do, they share one run.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet

from rowhouse.kernel.observability.exporting import OFFSETS, Door
from rowhouse.local.child import Command
from rowhouse.local.environment import ADMIN, OWNER, USER, WEB, Environment
from rowhouse.local.ports import free_port, free_ports
from rowhouse.local.processes import kill_group, tied
from rowhouse.local.production import ProductionParts
from rowhouse.local.sandbox import HOOK_PATH, sandbox_connections, sandbox_webhooks
from rowhouse.local.up import commands
from tests.conftest import PATIENCE_S, copy_database
from tests.services import Services, redis_number

READY_S = 120.0
MAIL_S = 60.0
POLL_S = 0.1
RAISED_LIMIT = "100000"


@dataclass(frozen=True, slots=True)
class LiveRun:
    """A run that answers at `url`. `folder` holds mail, storage and each process's log; `pids` are those of `api`,
    `worker` and `scheduler`; `superuser_dsn` sees every row of its database. `authority` is the certificate to trust
    where `url` is https. `sandbox` is where a test serves the providers that it knows, if it wants any there; the run
    and its people find them at `providers`."""

    url: str
    folder: Path
    database: str
    superuser_dsn: str
    redis_url: str
    pids: Mapping[str, int]
    environment: Mapping[str, str]
    sandbox: str
    providers: str
    authority: Path | None = None

    @property
    def api(self) -> str:
        """Where the API itself listens, whatever stands in front of it."""
        return f"http://127.0.0.1:{self.environment['ROWHOUSE_PORT']}"

    def client(self, path: str = "", **more: Any) -> httpx.Client:
        """Somebody who asks what lies below `path`, patiently."""
        return httpx.Client(base_url=f"{self.url}{path}", timeout=PATIENCE_S, **more)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request, by nobody in particular, as patiently."""
        return httpx.request(method, f"{self.url}{path}", timeout=PATIENCE_S, **more)

    def metrics(self, door: Door) -> str:
        """What Prometheus reads of that door."""
        port = int(self.environment["ROWHOUSE_METRICS_PORT"]) + OFFSETS[door]
        return httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE_S).text

    @property
    def mail_dir(self) -> Path:
        return self.folder / "mail"

    @property
    def storage_dir(self) -> Path:
        return self.folder / "storage"

    def mails(self, email: str) -> list[EmailMessage]:
        """What was sent to that address, the oldest first."""
        return mails_to(self.mail_dir, email)

    def newest_code(self, email: str, *, after: int = 0, within_s: float = MAIL_S) -> str:
        """The six digits of the newest mail to that address that has some, once one is there beyond the first `after`
        mails."""
        codes: list[str] = []

        def came() -> bool:
            codes[:] = [code for mail in self.mails(email)[after:] for code in codes_in(mail)]
            return bool(codes)

        until(came, within_s)
        return codes[-1]


def mails_to(folder: Path, email: str) -> list[EmailMessage]:
    """The mails in the folder to that address, the oldest first."""
    files = sorted(folder.glob("*.eml"), key=lambda file: (file.stat().st_mtime_ns, file.name))
    found = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
    return [mail for mail in found if mail["To"] == email]


def codes_in(mail: EmailMessage) -> list[str]:
    """What stands alone as six digits in the mail's text, each once."""
    body = mail.get_body(("plain",))
    assert body is not None
    return sorted(set(re.findall(r"\b[0-9]{6}\b", body.get_content())))


def code_in(mail: EmailMessage) -> str:
    """The only six digits in the mail's text."""
    (code,) = codes_in(mail)
    return code


def until(condition: Callable[[], object], within_s: float) -> None:
    """Returns when the condition holds; fails when it has not in time."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(POLL_S)


def is_ready(url: str) -> bool:
    """Whether the API at `url` says that it can serve."""
    try:
        return httpx.get(f"{url}/ready", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def all_work(url: str) -> bool:
    """Whether worker and scheduler show signs of life too."""
    parts = httpx.get(f"{url}/health", timeout=PATIENCE_S).json()["parts"]
    return all(parts[name]["state"] == "healthy" for name in ("worker", "scheduler"))


_RUN = pytest.StashKey[LiveRun]()
_BEHIND = pytest.StashKey[LiveRun]()


@pytest.fixture(scope="session")
def live_run(request: pytest.FixtureRequest, services: Services, worker_number: int) -> LiveRun:
    """The session's run, with its own database and Redis database, mail, storage and generous limits."""
    config = request.config
    if _RUN not in config.stash:
        # Kept with the session and not with this fixture, of which each importing conftest has its own.
        run, stop = start(services, f"rowhouse_live_{worker_number}", redis_number("live", worker_number))
        config.stash[_RUN] = run
        config.add_cleanup(stop)
    return config.stash[_RUN]


@pytest.fixture(scope="session")
def run_behind(request: pytest.FixtureRequest, services: Services, worker_number: int) -> Iterator[LiveRun]:
    """Another run of the session, which stands in production's place: behind nginx with TLS and PgBouncer, with S3
    instead of a folder."""
    config = request.config
    if _BEHIND not in config.stash:
        run, stop = start(
            services,
            f"rowhouse_behind_{worker_number}",
            redis_number("behind", worker_number),
            production_like=True,
        )
        config.stash[_BEHIND] = run
        config.add_cleanup(stop)
    run = config.stash[_BEHIND]
    with trusting(run):
        yield run


@contextmanager
def trusting(run: LiveRun) -> Iterator[None]:
    """Here httpx trusts the certificate of that run too, where nothing else is said."""
    assert run.authority
    bundle, before = run.folder / "trusted.crt", os.environ.get("SSL_CERT_FILE")
    bundle.write_bytes((Path(before).read_bytes() if before else b"") + run.authority.read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(bundle))
        yield


def start(
    services: Services,
    database: str,
    redis_number: int,
    *,
    production_like: bool = False,
    nginx: Sequence[str] = (),
    **settings: str,
) -> tuple[LiveRun, Callable[[], None]]:
    """Starts a run and waits until it is ready; the second value ends it and removes its folder. `settings` are
    more environment variables, or others than the usual; `nginx`, more lines of its server."""
    copy_database(services, database)
    folder = Path(tempfile.mkdtemp(prefix="rowhouse-live-"))
    # The servers' users pass through.
    folder.chmod(0o711)
    port, sandbox_port = free_port(), free_port()
    sandbox = providers = f"http://127.0.0.1:{sandbox_port}"
    parts: ProductionParts | None = None
    processes: dict[str, subprocess.Popen[bytes]] = {}

    def stop() -> None:
        for process in processes.values():
            kill_group(process)
        if parts:
            parts.stop()
        shutil.rmtree(folder, ignore_errors=True)

    try:
        if production_like:
            dsn = services.dsn("app_user", database)
            parts = ProductionParts(
                folder / "parts", None, port, dsn, services.mqtt_ws_url, sandbox_port, more=nginx
            )
            parts.start()
            providers = parts.providers_url
            around = {**parts.settings, **parts.providers, "ROWHOUSE_WEBHOOKS_TO_LOOPBACK": "false"}
        else:
            around = {"ROWHOUSE_CONNECTIONS": json.dumps(sandbox_connections(sandbox))}
        environment = _environment(services, database, redis_number, folder, port, around | settings)
        _make_keys(environment)
        for command in commands(environment, port):
            processes[command.name] = _launch(command, folder)
        run = LiveRun(
            url=parts.nginx.url if parts else f"http://127.0.0.1:{port}",
            folder=folder,
            database=database,
            superuser_dsn=services.dsn("postgres", database),
            redis_url=services.redis(redis_number),
            pids={name: process.pid for name, process in processes.items()},
            environment=environment.everybody,
            sandbox=sandbox,
            providers=providers,
            authority=parts.nginx.authority if parts else None,
        )
        until(lambda: _serves(f"http://127.0.0.1:{port}", folder, processes), READY_S)
    except BaseException:
        stop()
        raise
    return run, stop


def _serves(url: str, folder: Path, processes: Mapping[str, subprocess.Popen[bytes]]) -> bool:
    for name, process in processes.items():
        assert process.poll() is None, (folder / f"{name}.log").read_text(errors="replace")[-4000:]
    return is_ready(url) and all_work(url)


def _environment(
    services: Services, database: str, redis_number: int, folder: Path, port: int, settings: Mapping[str, str]
) -> Environment:
    # Not the caller's settings: a test must never reach servers that somebody works with.
    everybody = {name: value for name, value in os.environ.items() if not name.startswith("ROWHOUSE_")}
    everybody |= {
        "ROWHOUSE_ENV": "development",
        "ROWHOUSE_HOME": str(folder),
        "ROWHOUSE_PORT": str(port),
        "ROWHOUSE_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "ROWHOUSE_STORAGE_URL": (folder / "storage").as_uri(),
        "ROWHOUSE_MAIL_DIR": str(folder / "mail"),
        "ROWHOUSE_MASTER_KEY": Fernet.generate_key().decode(),
        "ROWHOUSE_REDIS_URL": services.redis(redis_number),
        "ROWHOUSE_MQTT_URL": services.mqtt_url,
        "ROWHOUSE_MQTT_WS_URL": services.mqtt_ws_url,
        "ROWHOUSE_METRICS_PORT": str(free_ports(3)),
        "ROWHOUSE_WEBHOOKS_TO_LOOPBACK": "true",
        "ROWHOUSE_WEBHOOK_PROVIDERS": json.dumps(sandbox_webhooks(HOOK_PATH)),
        "ROWHOUSE_LIMITS_USER": RAISED_LIMIT,
        "ROWHOUSE_LIMITS_ANONYMOUS": RAISED_LIMIT,
        "ROWHOUSE_LIMITS_AUTH": RAISED_LIMIT,
        USER: services.dsn("app_user", database),
    }
    if WEB.is_dir():
        everybody["ROWHOUSE_WEB_DIR"] = str(WEB)
    everybody |= settings
    return Environment(
        everybody,
        {ADMIN: services.dsn("app_admin", database)},
        {OWNER: services.dsn("rowhouse_owner", database)},
    )


def _make_keys(environment: Environment) -> None:
    """The first signing key, as `rowhouse migrate` makes it; the database is a migrated copy already."""
    subprocess.run(
        [sys.executable, "-m", "rowhouse.cli", "migrate"],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env={**environment.everybody, **environment.admin, **environment.owner},
    )


def _launch(command: Command, folder: Path) -> subprocess.Popen[bytes]:
    """In a session of its own, so that its pool ends with it; told by the kernel when pytest is gone."""
    with (folder / f"{command.name}.log").open("wb") as log:
        return subprocess.Popen(
            tied(command.arguments),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=dict(command.environment),
            start_new_session=True,
        )
