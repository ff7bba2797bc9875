"""A private PostgreSQL cluster."""

import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Literal
from urllib.parse import quote

import psycopg

from rowhouse.local.accounts import Account
from rowhouse.local.binaries import find_postgres
from rowhouse.local.errors import ServerFailed
from rowhouse.local.server import DEPLOY, Server

SUPERUSER = "postgres"
CONFIG = "postgresql.conf"

# Fast: roll back and disconnect. Immediate: as in a crash, recovered at the next start.
StopMode = Literal["fast", "immediate"]
STOP_SIGNALS: dict[StopMode, Sequence[tuple[signal.Signals, float]]] = {
    "fast": ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0)),
    "immediate": ((signal.SIGQUIT, 5.0),),
}


class PostgresServer(Server):
    """PostgreSQL on 127.0.0.1: SCRAM passwords, checksums, no socket, the superuser's password in the home.

    `durable=False` is for tests: a killed process still loses nothing, a power cut may lose everything.
    """

    name = "postgres"
    orphan_signal: ClassVar[signal.Signals] = signal.SIGINT

    def __init__(self, home: Path, port: int | None = None, *, durable: bool = True) -> None:
        super().__init__(home, port)
        self.durable = durable
        self._bin: Path | None = None

    def choose_account(self) -> Account:
        return Account.for_server("postgres")

    @property
    def cluster(self) -> Path:
        """PostgreSQL's data directory."""
        return self.data / "cluster"

    @property
    def binaries(self) -> Path:
        """The folder of `postgres`, `psql`, `pg_dump` and the others, of the version that runs the data."""
        if self._bin is None:
            version = self.cluster / "PG_VERSION"
            major = int(version.read_text()) if version.exists() else None
            self._bin = find_postgres(self.account, self.home.shared(self.account), major)
        return self._bin

    def dsn(self, user: str, password: str, dbname: str) -> str:
        """The address of a database on this server."""
        return f"postgresql://{quote(user)}:{quote(password, safe='')}@127.0.0.1:{self.port}/{quote(dbname)}"

    @property
    def superuser_dsn(self) -> str:
        return self.dsn(SUPERUSER, self.home.secret("postgres_superuser"), "postgres")

    def prepare(self) -> None:
        if not (self.cluster / "PG_VERSION").exists():
            self._create_cluster()
        self.configure(CONFIG, (DEPLOY / "postgres" / CONFIG).read_text(encoding="utf-8"))
        self.configure("local.conf", self._local_settings())

    def command(self) -> Sequence[str | Path]:
        config = self.home.etc(self.name, self.account) / CONFIG
        return [self.binaries / "postgres", "-D", self.cluster, "-c", f"config_file={config}"]

    def ready(self) -> bool:
        try:
            psycopg.connect(self.superuser_dsn, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, mode: StopMode = "fast") -> None:
        """Returns when the server is gone."""
        self._end(STOP_SIGNALS[mode])

    def _create_cluster(self) -> None:
        # A cluster counts once PG_VERSION is in its place: a half-made one of a killed run is made again.
        staged = self.data / "cluster.new"
        shutil.rmtree(staged, ignore_errors=True)
        shutil.rmtree(self.cluster, ignore_errors=True)
        password = self.configure("password", self.home.secret("postgres_superuser") + "\n")
        try:
            self._initdb(staged, password)
        finally:
            password.unlink()
        staged.rename(self.cluster)

    def _initdb(self, folder: Path, password: Path) -> None:
        options = ["--auth=scram-sha-256", f"--pwfile={password}", "--encoding=UTF8", "--locale=C.UTF-8"]
        durability = ["--data-checksums"] if self.durable else ["--data-checksums", "--no-sync"]
        done = subprocess.run(
            [self.binaries / "initdb", "-D", folder, "-U", SUPERUSER, *options, *durability],
            check=False,
            cwd=self.data,
            env=dict(self.environment()),
            capture_output=True,
            text=True,
            **self.account.identity,
        )
        if done.returncode != 0:
            raise ServerFailed(f"initdb failed:\n{done.stdout}{done.stderr}")

    def _local_settings(self) -> str:
        lines = ["listen_addresses = '127.0.0.1'", f"port = {self.port}", "unix_socket_directories = ''"]
        if not self.durable:
            lines += [
                "fsync = off",
                "synchronous_commit = off",
                "full_page_writes = off",
                "max_connections = 300",
            ]
        return "\n".join(lines) + "\n"
