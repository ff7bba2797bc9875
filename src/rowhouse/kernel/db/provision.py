"""Making a database fit for Rowhouse: roles and extensions by the superuser, then migrations by the owner."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy.engine import make_url

LOGIN_ROLES: Mapping[str, str] = {
    "rowhouse_owner": "LOGIN NOINHERIT NOBYPASSRLS NOCREATEROLE NOCREATEDB",
    "app_user": "LOGIN NOINHERIT NOBYPASSRLS NOCREATEROLE NOCREATEDB",
    "app_admin": "LOGIN NOINHERIT NOBYPASSRLS NOCREATEROLE NOCREATEDB",
    # Reads and writes past the policies, since a backup is of everybody: no part of the application has its password.
    "rowhouse_backup": "LOGIN INHERIT REPLICATION BYPASSRLS NOCREATEROLE NOCREATEDB",
}
TIME_LIMITS = {"statement_timeout": "30s", "idle_in_transaction_session_timeout": "60s"}
"""Of the roles that serve requests and jobs. The role has them and not the connection, since PgBouncer lets no setting
through when a connection starts."""
RESOLVER = "rowhouse_resolver"
AUDITOR = "rowhouse_auditor"
EXTENSIONS = ("vector",)
MIGRATIONS = Path(__file__).resolve().parents[4] / "migrations"


@dataclass(frozen=True, slots=True)
class Passwords:
    """The login roles' passwords; kept by whoever runs the server."""

    owner: str
    user: str
    admin: str
    backup: str


def provision(superuser_dsn: str, passwords: Passwords, database: str = "rowhouse") -> None:
    """Creates or corrects roles, database and extensions. Safe to repeat."""
    with psycopg.connect(superuser_dsn, autocommit=True) as server:
        _roles(server, passwords)
        found = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone()
        if not found:
            server.execute(
                sql.SQL("CREATE DATABASE {} OWNER rowhouse_owner ENCODING 'UTF8' TEMPLATE template0").format(
                    sql.Identifier(database)
                )
            )
        server.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)))
        server.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO app_user, app_admin").format(sql.Identifier(database))
        )
        server.execute(
            sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO rowhouse_backup").format(
                sql.Identifier(database)
            )
        )
    with psycopg.connect(superuser_dsn, dbname=database, autocommit=True) as inside:
        inside.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        for extension in EXTENSIONS:
            inside.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
        # Created here because only the superuser may hand a schema to a role that nobody inherits.
        inside.execute(f"CREATE SCHEMA IF NOT EXISTS resolve AUTHORIZATION {RESOLVER}")
        inside.execute("GRANT USAGE ON SCHEMA resolve TO app_user, app_admin")
        inside.execute(f"CREATE SCHEMA IF NOT EXISTS recorder AUTHORIZATION {AUDITOR}")
        inside.execute("GRANT USAGE ON SCHEMA recorder TO app_user, rowhouse_owner")


def migrate(owner_dsn: str, revision: str = "head") -> None:
    """Brings the database up to `revision`."""
    command.upgrade(alembic_config(owner_dsn), revision)


def unmigrate(owner_dsn: str, revision: str) -> None:
    """Takes the database back to `revision`; `base` removes everything that migrations made."""
    command.downgrade(alembic_config(owner_dsn), revision)


def alembic_config(owner_dsn: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    url = make_url(owner_dsn).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def _roles(server: psycopg.Connection[tuple[object, ...]], passwords: Passwords) -> None:
    secrets = {
        "rowhouse_owner": passwords.owner,
        "app_user": passwords.user,
        "app_admin": passwords.admin,
        "rowhouse_backup": passwords.backup,
    }
    existing = {row[0] for row in server.execute("SELECT rolname FROM pg_roles")}
    for role, attributes in LOGIN_ROLES.items():
        verb = "ALTER" if role in existing else "CREATE"
        server.execute(
            sql.SQL("{} ROLE {} WITH {} PASSWORD {}").format(
                sql.SQL(verb), sql.Identifier(role), sql.SQL(attributes), sql.Literal(secrets[role])
            )
        )
    server.execute("GRANT pg_read_all_data, pg_write_all_data TO rowhouse_backup")
    server.execute("GRANT SET ON PARAMETER session_replication_role TO rowhouse_backup")
    for role in ("app_user", "app_admin"):
        for setting, value in TIME_LIMITS.items():
            server.execute(f"ALTER ROLE {role} SET {setting} = '{value}'")
    for role in (RESOLVER, AUDITOR):
        if role not in existing:
            server.execute(f"CREATE ROLE {role} NOLOGIN NOINHERIT NOBYPASSRLS")
        # Without inheritance the owner may become it to create its functions, but sees no row through it.
        server.execute(f"GRANT {role} TO rowhouse_owner")
