"""`rowhouse secrets …`: the secrets of a new installation, one file each, as containers are handed them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from rowhouse.local.environment import new_master_key
from rowhouse.local.home import random_password
from rowhouse.local.mosquitto import ADMIN, initial_state

app = typer.Typer(no_args_is_help=True, help="Secrets of a new installation.")

DATABASE = "rowhouse"
TRUST = "sslmode=verify-full&sslrootcert=/certificates/ca.crt"
BY_HAND = {
    "smtp_url": "smtp://user:password@mail.example.com:587",
    "alertmanager_smtp_password": "change-me",
    "alertmanager_pager_key": "change-me",
    "alertmanager_escalation_key": "change-me",
}
"""What nobody can invent: written as an example; the application refuses its own in production."""


@app.callback()
def group() -> None:
    """Secrets."""


@app.command()
def make(folder: Annotated[Path, typer.Argument(help="made if it is not there, closed to others")]) -> None:
    """Write new random secrets for the containers of deploy/compose; keeps every file that is there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, value in new_secrets(_kept(folder)).items():
        path = folder / name
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(value + "\n", encoding="utf-8")
            typer.echo(f"made {path}")
    for name in BY_HAND:
        typer.echo(f"write your own into {folder / name}")


def new_secrets(kept: Mapping[str, str]) -> dict[str, str]:
    """All secrets by name; passwords that are `kept` go into the addresses too."""
    names = ("postgres_superuser", "rowhouse_owner", "app_user", "app_admin", "rowhouse_backup")
    passwords = {
        name: kept.get(name) or random_password()
        for name in (*names, "valkey", "mqtt_admin", "pgbouncer_stats", "grafana_admin")
    }

    def postgres(user: str, password: str, database: str = DATABASE, host: str = "postgres:5432") -> str:
        return f"postgresql://{user}:{quote(passwords[password], safe='')}@{host}/{database}?{TRUST}"

    return {
        **passwords,
        "superuser_database_url": postgres("postgres", "postgres_superuser", "postgres"),
        "owner_database_url": postgres("rowhouse_owner", "rowhouse_owner"),
        "admin_database_url": postgres("app_admin", "app_admin"),
        "backup_database_url": postgres("rowhouse_backup", "rowhouse_backup"),
        "database_url": postgres("app_user", "app_user", host="pgbouncer:6432"),
        "redis_url": f"rediss://:{passwords['valkey']}@valkey:6379/0?ssl_ca_certs=/certificates/ca.crt",
        "mqtt_url": f"mqtts://{ADMIN}:{passwords['mqtt_admin']}@mosquitto:8883",
        "mqtt_state": json.dumps(initial_state(passwords["mqtt_admin"])),
        "master_key": new_master_key(),
        **BY_HAND,
    }


def _kept(folder: Path) -> dict[str, str]:
    return {
        path.name: path.read_text(encoding="utf-8").strip() for path in folder.iterdir() if path.is_file()
    }
