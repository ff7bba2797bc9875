"""What all measurements share: servers in a temporary folder, CPU time by process, gates, the results' files."""

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import psutil
from cryptography.fernet import Fernet

from rowhouse.kernel.db.provision import Passwords, migrate, provision
from rowhouse.kernel.settings import Settings
from rowhouse.local.home import random_password
from rowhouse.local.stack import Stack

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results"


@dataclass(frozen=True, slots=True)
class Gate:
    """A figure and the bound it must keep. One that is not `firm` is a goal: it repeats too badly to fail a run."""

    name: str
    value: float
    sense: Literal["<=", ">="]
    bound: float
    firm: bool = True

    @property
    def kept(self) -> bool:
        return self.value <= self.bound if self.sense == "<=" else self.value >= self.bound


@dataclass(frozen=True, slots=True)
class Result:
    """What one part found: figures to read, and the gates they are held to."""

    figures: Mapping[str, Any]
    gates: Sequence[Gate] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Servers:
    """PostgreSQL and Redis of one run; databases are made by `database`."""

    stack: Stack
    passwords: Passwords
    master_key: str

    def database(self, name: str) -> None:
        """Creates and migrates it."""
        assert self.stack.postgres
        provision(self.stack.postgres.superuser_dsn, self.passwords, name)
        migrate(self.dsn("rowhouse_owner", name))

    def dsn(self, role: str, database: str) -> str:
        """As `app_user`, `app_admin`, `rowhouse_owner`, or the superuser `postgres`, whom no policy holds."""
        assert self.stack.postgres
        secret = {
            "app_user": self.passwords.user,
            "app_admin": self.passwords.admin,
            "rowhouse_owner": self.passwords.owner,
            "postgres": self.stack.postgres.home.secret("postgres_superuser"),
        }
        return self.stack.postgres.dsn(role, secret[role], database)

    def redis(self, number: int) -> str:
        assert self.stack.valkey
        return self.stack.valkey.url.removesuffix("/0") + f"/{number}"

    def environment(self, database: str, redis_number: int) -> dict[str, str]:
        """What an API process is told. Limits are counted as always, but not reached."""
        home = self.stack.servers[0].home.path
        return {
            "ROWHOUSE_ENV": "test",
            "ROWHOUSE_HOME": str(home),
            "ROWHOUSE_DATABASE_URL": self.dsn("app_user", database),
            "ROWHOUSE_REDIS_URL": self.redis(redis_number),
            "ROWHOUSE_STORAGE_URL": (home / "storage").as_uri(),
            "ROWHOUSE_MAIL_DIR": str(home / "mail"),
            "ROWHOUSE_MASTER_KEY": self.master_key,
            "ROWHOUSE_METRICS_PORT": "0",
            "ROWHOUSE_LIMITS_USER": "1000000000",
        }

    def settings(self, database: str, redis_number: int) -> Settings:
        """The same settings, for this process."""
        values = self.environment(database, redis_number).items()
        named = {name.removeprefix("ROWHOUSE_").lower(): value for name, value in values}
        return Settings(**named)  # type: ignore[arg-type]  # pydantic converts


@contextmanager
def servers() -> Iterator[Servers]:
    """Starts PostgreSQL and Redis with settings for tests (no fsync); nothing is left of them afterwards."""
    home = Path(tempfile.mkdtemp(prefix="rowhouse-bench-"))
    try:
        with Stack(home, durable=False, environ={"ROWHOUSE_MQTT_URL": "none"}) as stack:
            passwords = Passwords(
                owner=random_password(),
                user=random_password(),
                admin=random_password(),
                backup=random_password(),
            )
            yield Servers(stack, passwords, Fernet.generate_key().decode())
    finally:
        data = home / "data"
        if data.is_symlink():
            shutil.rmtree(data.resolve(), ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


def cpu_s(process: psutil.Process) -> float:
    """CPU seconds of a process and all its descendants so far, ended ones included."""
    total = 0.0
    for each in (process, *process.children(recursive=True)):
        try:
            times = each.cpu_times()
        except psutil.NoSuchProcess:  # it ended just now: its parent's children_… hold its time
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def medians(rounds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Each figure's median over the rounds."""
    return {name: round(statistics.median(r[name] for r in rounds), 4) for name in rounds[0]}


def machine() -> dict[str, str]:
    """Where this ran, as far as it matters for reading the figures."""
    names = (
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    )
    return {
        "cpu": f"{os.cpu_count()} cores of {next(names, platform.machine())}",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"Linux {platform.release().split('-')[0]}, Python {platform.python_version()}",
        "load_at_start": f"{os.getloadavg()[0]:.1f}",
    }


def save(name: str, result: Result, where: Mapping[str, str]) -> None:
    """Writes `results/<name>.json` and the table of all results."""
    RESULTS.mkdir(exist_ok=True)
    gates = [asdict(gate) | {"kept": gate.kept} for gate in result.gates]
    content = {"machine": dict(where), "gates": gates, "figures": result.figures}
    (RESULTS / f"{name}.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    (RESULTS / "README.md").write_text(_table(), encoding="utf-8")


def _table() -> str:
    lines = [
        "# Results of `make bench`",
        "",
        "Ratios are within one run, interleaved, medians of its rounds; machines are noisy, so read the ratios.",
        "",
        "| part | figure | value | bound | |",
        "| --- | --- | --- | --- | --- |",
    ]
    machines = []
    for path in sorted(RESULTS.glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        machines.append(f"- {path.stem}: " + ", ".join(f"{k} {v}" for k, v in content["machine"].items()))
        for gate in content["gates"]:
            kept = ("kept" if gate["kept"] else "**missed**") + ("" if gate["firm"] else " (goal)")
            lines.append(
                f"| {path.stem} | {gate['name']} | {gate['value']:.4g} | {gate['sense']} {gate['bound']:g} | {kept} |"
            )
    return "\n".join([*lines, "", "Measured on:", "", *machines, ""])


def python(*arguments: str) -> list[str]:
    """A command of this interpreter."""
    return [sys.executable, *arguments]


def run_json(command: Sequence[str], stdin: str) -> Any:
    """What a command prints as JSON."""
    done = subprocess.run(
        command, input=stdin, capture_output=True, text=True, check=True, cwd=ROOT, timeout=120
    )
    return json.loads(done.stdout)
