"""`rowhouse up` and `rowhouse down`: the whole platform from one folder."""

import http
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table

from rowhouse.kernel.db.provision import provision
from rowhouse.local.child import Command
from rowhouse.local.environment import OF_PARTS, OWNER, USER, Environment, local_environment, passwords
from rowhouse.local.errors import LocalError, ServerFailed
from rowhouse.local.home import Home, write_private
from rowhouse.local.ports import is_free
from rowhouse.local.processes import kill_group, tied
from rowhouse.local.production import rehearsal
from rowhouse.local.run import down, held, record
from rowhouse.local.sandbox import HOOK_PATH, SandboxServer, sandbox_url, subscribe
from rowhouse.local.stack import Stack
from rowhouse.local.supervisor import Supervisor

__all__ = ["down", "up"]

READY_S, READY_POLL_S = 120.0, 0.2
DEMO_S = 180.0


def up(home: Path, port: int, empty: bool, production_like: bool = False) -> None:
    """Starts everything, says where it is, and returns when asked to stop (Ctrl-C, `rowhouse down`).

    `production_like` puts nginx, PgBouncer and S3 around it, on a database that begins anew each time.
    Raises AlreadyRunning and other LocalErrors; nothing runs on then.
    """
    console = Console(soft_wrap=True)
    folder = Home(home)
    with held(folder.path):
        if not is_free(port):
            raise LocalError(f"port {port} is taken by another program; choose one by ROWHOUSE_PORT")
        # SIGINT too: a shell without job control starts what it puts into the background with SIGINT ignored.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _interrupt)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup has it
            signal.signal(signal.SIGHUP, _interrupt)
        stack = Stack(folder.path)
        supervisor = Supervisor(stack.servers, folder.logs, console)
        try:
            _run(folder, port, empty, production_like, stack, supervisor, console)
        except KeyboardInterrupt:
            console.print("\nStopping …")
        finally:
            supervisor.stop()
        console.print("Stopped. The data is kept; the next start continues with it.")


def _run(
    home: Home,
    port: int,
    empty: bool,
    production_like: bool,
    stack: Stack,
    supervisor: Supervisor,
    console: Console,
) -> None:
    step = _Steps(console)
    step("PostgreSQL, Valkey, Mosquitto", stack.start)
    if sandbox_url(home):
        sandbox = SandboxServer(home.path)
        supervisor.adopt([sandbox])
        step("sandbox of providers", sandbox.start)
    (home.secrets / OF_PARTS).unlink(missing_ok=True)
    if production_like:
        parts = rehearsal(home, port, stack)
        supervisor.adopt(parts.servers)
        step("PgBouncer, S3, nginx", parts.start)
        simulated = sandbox_url(home) and "ROWHOUSE_CONNECTIONS" not in os.environ
        settings = parts.settings | (parts.providers if simulated else {})
        environment = local_environment(stack, home, parts.api_port, settings)
        write_private(home.secrets / OF_PARTS, json.dumps(settings))
    else:
        environment = local_environment(stack, home, port)
    api_port = int(environment.everybody["ROWHOUSE_PORT"])
    step("database", lambda: _prepare_database(home, stack, environment))
    for command in commands(environment, api_port):
        supervisor.launch(command)
    step("API, worker, scheduler", lambda: _wait_ready(f"http://127.0.0.1:{api_port}/ready", supervisor))
    if url_there := sandbox_url(home):
        path, api = home.secret(HOOK_PATH), f"http://127.0.0.1:{api_port}"
        step("webhooks of the sandbox", lambda: subscribe(url_there, path, api))
    url = parts.nginx.url if production_like else f"http://127.0.0.1:{port}"
    # A rehearsal of production is none: the demo, which refuses production, may be loaded into it.
    pretended = {"ROWHOUSE_ENV": "development"} if production_like else {}
    demo = [] if empty else _load_demo(environment, pretended, supervisor, step)

    def write() -> None:
        record(
            home.path,
            url=url,
            demo=demo,
            mail_dir=Path(environment.everybody["ROWHOUSE_MAIL_DIR"]),
            services=_services(home, stack, environment),
            pids={"up": os.getpid(), **supervisor.pids},
        )

    supervisor.changed = write
    write()
    _announce(console, url, demo, home, step.total_s, production_like)
    supervisor.watch(until=lambda: False)


def commands(environment: Environment, port: int, host: str = "127.0.0.1") -> list[Command]:
    """Rowhouse's own processes.

    They run as the caller, not as an unprivileged user like the servers: they read the caller's checkout,
    which others may not be able to reach, and write mail and files that the caller wants to open.
    """
    python = [sys.executable, "-m"]
    api = ["uvicorn", "--factory", "rowhouse.api:create", "--host", host, "--port", str(port)]
    # The API itself decides which proxy it believes, and logs its requests.
    quiet = [
        "--no-proxy-headers",
        "--no-server-header",
        "--no-access-log",
        "--timeout-graceful-shutdown",
        "5",
    ]
    # Celery advises against root for the sake of pickled messages, which are not accepted here.
    hushed = ["-W", "ignore:You're running the worker with superuser privileges"]
    worker = ["-m", "celery", "--quiet", "-A", "rowhouse.worker", "worker"]
    alone = ["--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    everybody = environment.everybody
    return [
        Command("api", [*python, *api, *quiet], everybody),
        Command("worker", [sys.executable, *hushed, *worker, *alone], everybody),
        Command("scheduler", [*python, "rowhouse.scheduler"], {**everybody, **environment.admin}),
    ]


class _Steps:
    """Says what is being done, and how long it took."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._begun_at = time.monotonic()

    def __call__(self, name: str, work: Callable[[], object]) -> None:
        begun_at = time.monotonic()
        work()
        self._console.print(f"[green]✓[/] {name} [dim]{time.monotonic() - begun_at:.1f} s[/]")

    @property
    def total_s(self) -> float:
        return time.monotonic() - self._begun_at


def _prepare_database(home: Home, stack: Stack, environment: Environment) -> None:
    # A database given by its address is provisioned by whoever gave it: that takes a superuser.
    if stack.postgres:
        database = urlsplit(environment.owner[OWNER]).path.removeprefix("/")
        provision(stack.postgres.superuser_dsn, passwords(home), database)
    # The command and not its function: it also makes what must exist before the API starts.
    migrated = subprocess.run(
        tied([sys.executable, "-m", "rowhouse.cli", "migrate"]),
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**environment.everybody, **environment.admin, **environment.owner},
    )
    if migrated.returncode != 0:
        raise ServerFailed(f"the migrations failed:\n{migrated.stdout}")


def _wait_ready(url: str, supervisor: Supervisor) -> None:
    answer, asked_at = "", 0.0

    def answers() -> bool:
        nonlocal answer, asked_at
        if time.monotonic() - asked_at < READY_POLL_S:
            return False
        asked_at = time.monotonic()
        status, answer = _ask(url)
        return status == http.HTTPStatus.OK

    if not supervisor.watch(answers, READY_S):
        raise ServerFailed(f"not ready within {READY_S:.0f} s; {url} says: {answer}")


def _ask(url: str) -> tuple[int | None, str]:
    """Status and text of an answer; no status when there is none."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own http address
            return answer.status, ""
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read(2000).decode("utf-8", "replace")
    except OSError as unreachable:
        return None, str(unreachable)


def _load_demo(
    environment: Environment, more: Mapping[str, str], supervisor: Supervisor, step: _Steps
) -> list[dict[str, str]]:
    """The demo's logins; loading it again changes nothing."""
    with tempfile.TemporaryFile() as output:
        loader = subprocess.Popen(
            tied([sys.executable, "-m", "rowhouse.cli", "demo"]),
            stdin=subprocess.DEVNULL,
            stdout=output,
            env={**environment.everybody, **environment.admin, **more},
            start_new_session=True,
        )
        try:
            step("demo", lambda: supervisor.watch(lambda: loader.poll() is not None, DEMO_S))
        finally:
            kill_group(loader)
        if loader.returncode != 0:
            raise ServerFailed(f"the demo could not be loaded (status {loader.returncode}); try --empty")
        output.seek(0)
        logins: list[dict[str, str]] = json.loads(output.read())
    return logins


def _services(home: Home, stack: Stack, environment: Environment) -> Mapping[str, str | None]:
    known = environment.everybody
    return {
        "postgres": known[USER],
        "redis": known["ROWHOUSE_REDIS_URL"],
        "mqtt": stack.mosquitto.address if stack.mosquitto else known["ROWHOUSE_MQTT_URL"],
        "mqtt_ws": known.get("ROWHOUSE_MQTT_WS_URL"),
        "sandbox": sandbox_url(home),
    }


def _announce(
    console: Console, url: str, demo: list[dict[str, str]], home: Home, total_s: float, production_like: bool
) -> None:
    console.print(f"\n[bold]Rowhouse is ready: {url}[/]  [dim]after {total_s:.1f} s[/]")
    if demo:
        table = Table(box=None, padding=(0, 2, 0, 0))
        # A narrow terminal folds what nobody types.
        for title in ("demo login", "password"):
            table.add_column(title, no_wrap=True)
        for title in ("role", "organization"):
            table.add_column(title, overflow="fold")
        for login in demo:
            table.add_row(login["email"], login["password"], login["role"], login["organization"])
        console.print(table)
    if (home.path / "data").is_symlink():
        console.print(
            f"The servers' users can't reach {home.path}: their data is in {(home.path / 'data').resolve()}"
        )
    mail = home.path / "mail" if production_like else f"{url}/dev/mail"
    console.print(f"Mail it sends: {mail}   API: {url}/docs   Logs: {home.logs}")
    if sandbox_url(home):
        console.print(f"Simulated providers, and athletes to connect: {sandbox_url(home)}")
    if production_like:
        console.print(
            f"Its certificate is signed by {home.path / 'ca.crt'}; database and files begin anew next time."
        )
    kept = "" if production_like else " and keeps the data"
    console.print(f"Ctrl-C (or `make down` elsewhere) stops all of it{kept}.\n")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
