"""PostgreSQL, Valkey and Mosquitto for one test session: fresh, in a temporary folder, gone at its end.

How conftest uses it (servers start once, in the xdist controller, and the workers inherit the environment):

    def pytest_configure(config: pytest.Config) -> None:
        services = serve_session(config)      # in a worker: what the controller started
        if not is_worker(config):
            provision(services.superuser_dsn, services.passwords, "rowhouse_template")
            ...

    @pytest.fixture(scope="session")
    def services() -> Services:
        return Services.from_environment()

A worker has `services.dsn("app_user", f"rowhouse_{worker_id}")` and the Redis `services.redis(redis_number(use, n))`.
A killed pytest leaves no server behind: the kernel tells each of them when the controller is gone. Its folder
under the system's temporary folder is removed by the next session.
"""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from rowhouse.kernel.db.provision import Passwords
from rowhouse.local.home import random_password
from rowhouse.local.stack import Stack

VARIABLE = "ROWHOUSE_TEST_SERVICES"
PREFIX = "rowhouse-tests-"
USES = ("tests", "workshop", "live", "behind", "rehearsal")
WORKERS = 3
"""As many at once have Redis databases of their own for every use; the last of the 16 is the image's."""


@dataclass(frozen=True, slots=True)
class Services:
    """Where the session's servers are."""

    home: str
    superuser_dsn: str
    redis_url: str
    mqtt_url: str
    mqtt_ws_url: str
    owner_password: str
    user_password: str
    admin_password: str
    backup_password: str

    @classmethod
    def from_environment(cls) -> "Services":
        """The servers that `serve_session` started, in the controller and in every worker."""
        return cls(**json.loads(os.environ[VARIABLE]))

    @property
    def passwords(self) -> Passwords:
        """To be given to `provision`; `dsn` uses the same."""
        return Passwords(
            owner=self.owner_password,
            user=self.user_password,
            admin=self.admin_password,
            backup=self.backup_password,
        )

    def dsn(self, role: str, database: str) -> str:
        """The address of a database for `app_user`, `app_admin`, `rowhouse_owner`, `rowhouse_backup` or
        superuser `postgres`."""
        server = urlsplit(self.superuser_dsn)
        passwords = {
            "app_user": self.user_password,
            "app_admin": self.admin_password,
            "rowhouse_backup": self.backup_password,
            "rowhouse_owner": self.owner_password,
            "postgres": server.password or "",
        }
        return f"postgresql://{role}:{quote(passwords[role], safe='')}@127.0.0.1:{server.port}/{database}"

    def redis(self, number: int) -> str:
        """The address of one of Redis' 16 databases."""
        return self.redis_url.removesuffix("/0") + f"/{number}"


def redis_number(use: str, worker_number: int) -> int:
    """The Redis database for that use by that worker. Two runs in one would wake each other's workers, for jobs of
    which those know nothing."""
    return USES.index(use) * WORKERS + worker_number % WORKERS


def is_worker(config: pytest.Config) -> bool:
    """Whether this is a process that xdist started."""
    return hasattr(config, "workerinput")


def serve_session(config: pytest.Config) -> Services:
    """Starts the servers for this session and stops them at its end; a worker gets the controller's."""
    if is_worker(config):
        return Services.from_environment()
    _sweep()
    services, stop = start_services(Path(tempfile.mkdtemp(prefix=PREFIX)))
    config.add_cleanup(stop)
    os.environ[VARIABLE] = json.dumps(asdict(services))
    return services


def start_services(home: Path) -> tuple[Services, Callable[[], None]]:
    """Starts the servers in a folder of their own. The second value stops them and removes the folder."""
    home.mkdir(parents=True, exist_ok=True)
    alive = (home / "alive").open("w", encoding="utf-8")
    fcntl.flock(alive, fcntl.LOCK_EX)
    # Not the caller's environment: a test must never reach servers that somebody works with.
    stack = Stack(home, durable=False, environ={})
    stack.start()
    postgres, valkey, mosquitto = stack.postgres, stack.valkey, stack.mosquitto
    assert postgres
    assert valkey
    assert mosquitto
    services = Services(
        home=str(home),
        superuser_dsn=postgres.superuser_dsn,
        redis_url=valkey.url,
        mqtt_url=mosquitto.url,
        mqtt_ws_url=mosquitto.ws_url,
        owner_password=random_password(),
        user_password=random_password(),
        admin_password=random_password(),
        backup_password=random_password(),
    )

    def stop() -> None:
        stack.stop()
        alive.close()
        remove_home(home)

    return services, stop


def remove_home(home: Path) -> None:
    """Removes a home and, where its data had to live elsewhere, that too."""
    data = home / "data"
    if data.is_symlink():
        shutil.rmtree(data.resolve(), ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)


def _sweep() -> None:
    """Removes the folders of sessions that were killed: those whose lock nobody holds."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            with (folder / "alive").open("r+", encoding="utf-8") as alive:
                fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove_home(folder)
        except OSError:
            # In use, another user's, or being made right now.
            continue
