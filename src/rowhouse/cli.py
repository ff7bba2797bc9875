"""The `rowhouse` command: every operator's act is a line here; the work is done elsewhere."""

# Whatever is imported inside of a function here or by AREAS is what most commands do without: together it is nearly all
# of the time that one takes to start.

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn
from urllib.parse import urlsplit

import typer
from typer.core import TyperGroup
from typer.main import get_group

from rowhouse.kernel.settings import Settings, get_settings

ADMINISTERING: Mapping[str, str] = {
    "audit": "rowhouse.commands.audit:app",
    "events": "rowhouse.commands.events:app",
    "honeypot": "rowhouse.commands.honeypot:app",
    "jobs": "rowhouse.commands.jobs:app",
    "keys": "rowhouse.commands.keys:app",
    "operator": "rowhouse.commands.operators:app",
    "org": "rowhouse.commands.organizations:app",
    "privacy": "rowhouse.commands.privacy:app",
    "user": "rowhouse.commands.users:app",
    "backup": "rowhouse.backups.command:backup",
    "restore": "rowhouse.backups.command:restore",
}
AREAS: Mapping[str, str] = {
    **ADMINISTERING,
    # These two work on files alone.
    "certs": "rowhouse.commands.certs:app",
    "secrets": "rowhouse.local.secrets:app",
}
"""Commands and groups of them, with where each is."""


class Areas(TyperGroup):
    """Loads a command of `AREAS` when somebody asks for it, and all of them for a list."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*dict.fromkeys((*super().list_commands(ctx), *AREAS))]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in AREAS and cmd_name not in self.commands:
            self.add_command(_loaded(cmd_name), cmd_name)
        return super().get_command(ctx, cmd_name)


def _loaded(name: str) -> Any:
    module, _, inside = AREAS[name].partition(":")
    found, around = getattr(import_module(module), inside), typer.Typer()
    if isinstance(found, typer.Typer):
        around.add_typer(found, name=name)
    else:
        around.command(name)(found)
    return get_group(around).commands[name]


command = typer.Typer(
    cls=Areas, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__
)
doctor = typer.Typer(no_args_is_help=True, help="Looks at a running installation and says what is wrong.")
command.add_typer(doctor, name="doctor")
docs = typer.Typer(no_args_is_help=True, help="Writes the pages that are made from the code.")
command.add_typer(docs, name="docs")
Part = Literal["api", "worker", "scheduler"]


@command.callback(help=__doc__)
def beside(ctx: typer.Context) -> None:
    """Whoever administers looks at the installation that the environment names, else at the local run's."""
    if ctx.invoked_subcommand in ADMINISTERING and "ROWHOUSE_DATABASE_URL" not in os.environ:
        from rowhouse.local.environment import of_home

        home = Path(os.environ.get("ROWHOUSE_HOME", ".rowhouse"))
        os.environ.update(of_home(home, _port(home)))


def main() -> None:
    """The console script."""
    command()


@command.command()
def up(
    home: Annotated[Path, typer.Option(envvar="ROWHOUSE_HOME")] = Path(".rowhouse"),
    port: Annotated[int, typer.Option(envvar="ROWHOUSE_PORT")] = 8000,
    empty: Annotated[bool, typer.Option(help="load no demo")] = False,
    production_like: Annotated[
        bool,
        typer.Option(
            "--production-like", help="behind nginx with TLS and PgBouncer, with S3; begins anew each time"
        ),
    ] = False,
) -> None:
    """Start everything here: PostgreSQL, Valkey, Mosquitto, API, worker, scheduler. Ctrl-C stops it."""
    from rowhouse.local.errors import LocalError
    from rowhouse.local.up import up as start

    try:
        start(home, port, empty, production_like)
    except LocalError as error:
        _fail(str(error))


@command.command()
def down(home: Annotated[Path, typer.Option(envvar="ROWHOUSE_HOME")] = Path(".rowhouse")) -> None:
    """Stop a run that another terminal started."""
    from rowhouse.local.errors import LocalError
    from rowhouse.local.up import down as stop

    try:
        typer.echo("Stopped." if stop(home) else f"Nothing runs in {home}.")
    except LocalError as error:
        _fail(str(error))


@command.command()
def serve(part: Annotated[Part, typer.Argument(help="the process to become")]) -> None:
    """Run one of Rowhouse's processes in the foreground: what a container or a service manager starts."""
    from rowhouse.local.environment import Environment
    from rowhouse.local.up import commands

    settings = get_settings()
    known = {one.name: one for one in commands(Environment(os.environ, {}, {}), settings.port, settings.host)}
    program, *arguments = map(str, known[part].arguments)
    os.execv(program, [program, *arguments])  # noqa: S606 - our own command, without a shell


@command.command()
def provision() -> None:
    """Create or correct roles, database and extensions, as PostgreSQL's superuser. Safe to repeat."""
    from sqlalchemy.engine import make_url

    from rowhouse.kernel.db.provision import Passwords
    from rowhouse.kernel.db.provision import provision as run_provision

    settings = get_settings()
    owner, admin = settings.owner_database_url, settings.admin_database_url
    backup, superuser = settings.backup_database_url, settings.superuser_database_url
    if not (superuser and owner and admin and backup):
        _fail(
            "provision needs ROWHOUSE_{SUPERUSER,OWNER,ADMIN,BACKUP}_DATABASE_URL besides ROWHOUSE_DATABASE_URL"
        )
    urls = [make_url(url.get_secret_value()) for url in (owner, settings.database_url, admin, backup)]
    if not all(url.password for url in urls):
        _fail("each role's address needs its password")
    passwords = Passwords(*(str(url.password) for url in urls))
    run_provision(superuser.get_secret_value(), passwords, urls[0].database or "rowhouse")


@command.command()
def migrate() -> None:
    """Bring the database up to this code, and make the first signing key."""
    from rowhouse.kernel.db.provision import migrate as run_migrations

    settings = get_settings()
    if settings.owner_database_url is None or settings.admin_database_url is None:
        _fail("migrate needs ROWHOUSE_OWNER_DATABASE_URL and ROWHOUSE_ADMIN_DATABASE_URL")
    run_migrations(settings.owner_database_url.get_secret_value())
    asyncio.run(_ensure_keys(settings))


@command.command()
def demo() -> None:
    """Load the demo and print its logins as JSON; loading it again changes nothing."""
    print(json.dumps(asyncio.run(_demo())))  # noqa: T201 - this is the command's output


@command.command()
def openapi(
    check: Annotated[bool, typer.Option(help="fail when openapi.json is not current")] = False,
) -> None:
    """Write openapi.json from the code."""
    from rowhouse.openapi import describe

    path = Path("openapi.json")
    text = describe()
    if not check:
        path.write_text(text, encoding="utf-8")
    elif not path.exists() or path.read_text(encoding="utf-8") != text:
        _fail("openapi.json is not what the code says: run `rowhouse openapi` and look at the difference")


@command.command()
def migrations(
    check: Annotated[bool, typer.Option(help="fail when models and migrations differ")] = False,
) -> None:
    """Show where the models and the migrated database differ, on a database made for this."""
    from rowhouse.local.drift import differences

    found = differences()
    for line in found:
        typer.echo(line)
    if check and found:
        _fail("models and migrations differ")


@docs.command()
def privacy(
    check: Annotated[bool, typer.Option(help="fail when docs/privacy.md is not current")] = False,
) -> None:
    """Write docs/privacy.md from what the code declares."""
    from rowhouse.installed import registry
    from rowhouse.kernel.privacy.describing import describe, undescribed

    path = Path("docs/privacy.md")
    text = describe(registry)
    if nameless := undescribed(registry):
        _fail(
            f"no app says why these tables are there (App.holdings), or they are gone: {', '.join(nameless)}"
        )
    if not check:
        path.write_text(text, encoding="utf-8")
    elif not path.exists() or path.read_text(encoding="utf-8") != text:
        _fail(
            "docs/privacy.md is not what the code says: run `rowhouse docs privacy` and look at the difference"
        )


@doctor.command()
def isolation(
    home: Annotated[Path, typer.Option(envvar="ROWHOUSE_HOME", help="a local run to look at")] = Path(
        ".rowhouse"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="for machines")] = False,
) -> None:
    """Every table, function, route, job, key and event with the wall that holds it; fails when one has none.

    Looks at the database that the environment names, else at the local run's.
    """
    from rowhouse.isolation import report
    from rowhouse.local.environment import of_home

    if "ROWHOUSE_ADMIN_DATABASE_URL" not in os.environ:
        os.environ.update(of_home(home, 8000))
    settings = get_settings()
    if settings.admin_database_url is None:
        _fail("doctor isolation needs ROWHOUSE_ADMIN_DATABASE_URL")
    if not report(settings.admin_database_url.get_secret_value(), as_json=as_json):
        raise typer.Exit(1)


def _port(home: Path) -> int:
    """Of the local run, which links are made for; its default where nothing runs."""
    running = home / "run.json"
    if not running.exists():
        return 8000
    return urlsplit(json.loads(running.read_text(encoding="utf-8"))["url"]).port or 8000


async def _ensure_keys(settings: Settings) -> None:
    from rowhouse.kernel.db.database import Database
    from rowhouse.kernel.secrets.sealing import Sealer
    from rowhouse.kernel.tokens.keys import ensure_signing_key

    assert settings.admin_database_url is not None  # migrate has looked
    admin = Database(
        settings.admin_database_url.get_secret_value(), pool_size=1, application="rowhouse-migrate"
    )
    try:
        await ensure_signing_key(admin, Sealer(settings.master_key.get_secret_value()))
    finally:
        await admin.close()


async def _demo() -> list[dict[str, str]]:
    from dataclasses import asdict

    from rowhouse.installed import registry
    from rowhouse.kernel.platform import running

    async with running(get_settings(), registry, application="rowhouse-demo") as platform:
        return [asdict(login) for app in registry.apps if app.demo for login in await app.demo(platform)]


def _fail(message: str) -> NoReturn:
    typer.secho(message, fg="red", err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
