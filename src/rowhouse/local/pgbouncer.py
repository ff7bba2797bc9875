"""A private PgBouncer in front of the private PostgreSQL, lending connections for one transaction each."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import psycopg

from rowhouse.local.accounts import Account
from rowhouse.local.binaries import find_program
from rowhouse.local.errors import ServerMissing
from rowhouse.local.server import DEPLOY, Server

CONFIG, USERS = "pgbouncer.ini", "users.txt"
STATISTICS = "pgbouncer_stats"


class PgBouncerServer(Server):
    """PgBouncer on 127.0.0.1 for the login roles of `users` (name and password), whichever database they name.

    `pool_size` is how many connections to PostgreSQL all clients of a role and database share.
    """

    name = "pgbouncer"

    def __init__(
        self, home: Path, postgres_port: int, users: Mapping[str, str], *, pool_size: int | None = None
    ) -> None:
        super().__init__(home)
        self.postgres_port = postgres_port
        self.users = users
        self.pool_size = pool_size

    def choose_account(self) -> Account:
        return Account.for_server("postgres")

    def dsn(self, user: str, database: str) -> str:
        """The address of a database through this server."""
        return (
            f"postgresql://{user}:{quote(self.users[user], safe='')}@127.0.0.1:{self.port}/{quote(database)}"
        )

    def prepare(self) -> None:
        known = {**self.users, STATISTICS: self.home.secret(STATISTICS)}
        self.configure(USERS, "".join(f'"{name}" "{password}"\n' for name, password in known.items()))
        lines = [
            (DEPLOY / "pgbouncer" / CONFIG).read_text(encoding="utf-8"),
            "listen_addr = 127.0.0.1",
            f"listen_port = {self.port}",
            "unix_socket_dir =",
            f"auth_file = {self.home.etc(self.name, self.account) / USERS}",
            *([f"default_pool_size = {self.pool_size}", "reserve_pool_size = 0"] if self.pool_size else []),
            "[databases]",
            f"* = host=127.0.0.1 port={self.postgres_port}",
        ]
        self.configure(CONFIG, "\n".join(lines) + "\n")

    def command(self) -> Sequence[str | Path]:
        program = find_program("pgbouncer")
        if program is None:
            raise ServerMissing("pgbouncer is not installed: apt-get install pgbouncer")
        return [program, self.home.etc(self.name, self.account) / CONFIG]

    def ready(self) -> bool:
        # Its own console: PostgreSQL may not have its roles yet.
        password = quote(self.home.secret(STATISTICS), safe="")
        console = f"postgresql://{STATISTICS}:{password}@127.0.0.1:{self.port}/pgbouncer"
        try:
            psycopg.connect(console, connect_timeout=2, autocommit=True).close()
        except psycopg.OperationalError:
            return False
        return True
