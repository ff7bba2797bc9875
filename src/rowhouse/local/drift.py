"""Whether models and migrations say the same, on a PostgreSQL started for this and thrown away."""

import tempfile
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from rowhouse.installed import metadata
from rowhouse.kernel.db.provision import Passwords, migrate, provision
from rowhouse.local.home import random_password
from rowhouse.local.postgres import PostgresServer

DATABASE = "drift"


def differences() -> list[str]:
    """One line a difference between the models and a database migrated to the newest revision."""
    with tempfile.TemporaryDirectory(prefix="rowhouse-drift-") as folder:
        Path(folder).chmod(0o755)
        with PostgresServer(Path(folder), durable=False) as server:
            passwords = Passwords(
                owner=random_password(),
                user=random_password(),
                admin=random_password(),
                backup=random_password(),
            )
            provision(server.superuser_dsn, passwords, DATABASE)
            dsn = server.dsn("rowhouse_owner", passwords.owner, DATABASE)
            migrate(dsn)
            return compared(dsn)


def compared(owner_dsn: str) -> list[str]:
    engine = create_engine(make_url(owner_dsn).set(drivername="postgresql+psycopg"))
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection,
                opts={"include_schemas": True, "include_name": _ours, "compare_type": True},
            )
            return [str(found) for found in compare_metadata(context, metadata()) if not _partition(found)]
    finally:
        engine.dispose()


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "schema" or name in ("kernel", "fitness", "audit")


def _partition(found: object) -> bool:
    """Whether a difference is none: a partition is its parent's, a foreign key to a partitioned table shows once for
    each partition, and indexes stand in the migrations alone."""
    match found:
        case ("remove_table", table):
            return _is_partition(getattr(table, "name", ""))
        case ("remove_fk", key):
            return any(
                _is_partition(element.target_fullname.split(".")[1])
                for element in getattr(key, "elements", ())
            )
    return isinstance(found, tuple) and found[0] in ("remove_index", "add_index")


def _is_partition(table: str) -> bool:
    return table.rpartition("_p")[2].isdigit()
