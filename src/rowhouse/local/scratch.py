"""A PostgreSQL of the moment, on a data folder that a backup was laid out in: reached through a socket in a private
folder by whoever runs it, and gone at the end."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from rowhouse.local.accounts import Account
from rowhouse.local.binaries import find_postgres
from rowhouse.local.errors import ServerFailed
from rowhouse.local.processes import tied

READY_S = 120.0  # it recovers first
POLL_S = 0.1


class Scratch:
    """Lay the data out in `folder`, then `start()`."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "cluster"
        self._home = home
        self._account = Account.for_server("postgres")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, database: str) -> str:
        """Returns the address of the database, as the superuser, once it answers. Raises `ServerFailed`."""
        for path in (self._home, self.folder, *self.folder.rglob("*")):
            self._account.own(path)
        (self.folder / "pg_hba.conf").write_text("local all all trust\n", encoding="utf-8")
        binaries = find_postgres(self._account, self._home, int((self.folder / "PG_VERSION").read_text()))
        settings = {
            # None of the original's: its configuration lies elsewhere, and names files that are not here.
            "config_file": str(self._configuration()),
            "hba_file": str(self.folder / "pg_hba.conf"),
            "listen_addresses": "",
            "unix_socket_directories": str(self._home),
            "unix_socket_permissions": "0700",
            "fsync": "off",
            "max_connections": "500",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (self._home / "log").open("wb") as log:
            self._process = subprocess.Popen(
                tied([binaries / "postgres", "-D", self.folder, *options]),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
                umask=0o077,
                **self._account.identity,
            )
        dsn = f"host={self._home} user=postgres dbname={database}"
        self._await(dsn)
        return dsn

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)

    def _configuration(self) -> Path:
        path = self._home / "scratch.conf"
        path.write_text("", encoding="utf-8")
        self._account.own(path)
        return path

    def _await(self, dsn: str) -> None:
        deadline = time.monotonic() + READY_S
        while True:
            try:
                psycopg.connect(dsn, connect_timeout=2).close()
                return
            except psycopg.OperationalError as error:
                assert self._process is not None
                if self._process.poll() is not None or time.monotonic() > deadline:
                    log = (self._home / "log").read_text(encoding="utf-8", errors="replace")[-2000:]
                    raise ServerFailed(f"the restored server does not start: {log}") from error
                time.sleep(POLL_S)


@contextmanager
def serving() -> Iterator[Scratch]:
    """A scratch server in a temporary folder, which goes with all that is in it."""
    home = Path(tempfile.mkdtemp(prefix="rowhouse-scratch-"))
    home.chmod(0o711 if os.geteuid() == 0 else 0o700)
    scratch = Scratch(home)
    try:
        yield scratch
    finally:
        scratch.stop()
        shutil.rmtree(home, ignore_errors=True)
