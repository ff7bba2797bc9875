"""The settings of a local run, as the environment that its processes get."""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rowhouse.kernel.db.provision import Passwords
from rowhouse.kernel.observability.exporting import OFFSETS
from rowhouse.local.binaries import PG_BIN
from rowhouse.local.errors import LocalError
from rowhouse.local.home import Home
from rowhouse.local.ports import is_free
from rowhouse.local.sandbox import HOOK_PATH, sandbox_connections, sandbox_url, sandbox_webhooks
from rowhouse.local.stack import Stack

WEB = Path(__file__).resolve().parents[3] / "web" / "out"
DATABASE = "rowhouse"
METRICS_PORT = 9100
MASTER_KEY = "master_key"
OF_PARTS = "production_like.json"
USER, ADMIN, OWNER = "ROWHOUSE_DATABASE_URL", "ROWHOUSE_ADMIN_DATABASE_URL", "ROWHOUSE_OWNER_DATABASE_URL"


@dataclass(frozen=True, slots=True)
class Environment:
    """Settings by who needs them: no process holds the address of a database role that is not its own."""

    everybody: Mapping[str, str]
    admin: Mapping[str, str]
    owner: Mapping[str, str]


def passwords(home: Home) -> Passwords:
    """Of the database's login roles, kept in the home."""
    return Passwords(
        owner=home.secret("rowhouse_owner"),
        user=home.secret("app_user"),
        admin=home.secret("app_admin"),
        backup=home.secret("rowhouse_backup"),
    )


def local_environment(
    stack: Stack, home: Home, port: int, parts: Mapping[str, str] | None = None
) -> Environment:
    """What the caller's environment sets goes before what is made here, and what `parts` around the run say (see
    production.py) before both."""
    everybody = {
        "ROWHOUSE_ENV": "development",
        "ROWHOUSE_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "ROWHOUSE_STORAGE_URL": _folder(home, "storage").as_uri(),
        "ROWHOUSE_MAIL_DIR": str(_folder(home, "mail")),
        "ROWHOUSE_METRICS_PORT": str(_metrics_port()),
    }
    home.secret(MASTER_KEY, new_master_key)
    everybody["ROWHOUSE_MASTER_KEY_FILE"] = str(home.secrets / MASTER_KEY)
    if WEB.is_dir():
        everybody["ROWHOUSE_WEB_DIR"] = str(WEB)
    if stack.valkey:
        everybody["ROWHOUSE_REDIS_URL"] = stack.valkey.url
    if stack.mosquitto:
        everybody["ROWHOUSE_MQTT_URL"] = stack.mosquitto.url
        everybody["ROWHOUSE_MQTT_WS_URL"] = stack.mosquitto.ws_url
    if sandbox := sandbox_url(home):
        everybody["ROWHOUSE_CONNECTIONS"] = json.dumps(sandbox_connections(sandbox))
        everybody["ROWHOUSE_WEBHOOK_PROVIDERS"] = json.dumps(sandbox_webhooks(home.secret(HOOK_PATH)))
    if stack.postgres:
        known = passwords(home)
        everybody[USER] = stack.postgres.dsn("app_user", known.user, DATABASE)
        everybody[ADMIN] = stack.postgres.dsn("app_admin", known.admin, DATABASE)
        everybody[OWNER] = stack.postgres.dsn("rowhouse_owner", known.owner, DATABASE)
    everybody |= os.environ
    everybody |= {"ROWHOUSE_HOME": str(home.path), "ROWHOUSE_PORT": str(port)} | dict(parts or {})
    try:
        admin, owner = {ADMIN: everybody.pop(ADMIN)}, {OWNER: everybody.pop(OWNER)}
    except KeyError as missing:
        raise LocalError(f"{USER} is set, so {missing.args[0]} is needed too") from missing
    return Environment(everybody, admin, owner)


def of_home(home: Path, port: int) -> dict[str, str]:
    """All settings of that home's runs, for a command beside one; nothing when it was never up."""
    if not (home / "secrets" / MASTER_KEY).exists():
        return {}
    stack, folder = Stack(home), Home(home)
    parts = home / "secrets" / OF_PARTS
    known = local_environment(stack, folder, port, json.loads(parts.read_bytes()) if parts.exists() else None)
    settings = {**known.everybody, **known.admin, **known.owner}
    if stack.postgres:
        backup = stack.postgres.dsn("rowhouse_backup", passwords(folder).backup, DATABASE)
        settings = {
            "ROWHOUSE_BACKUP_DATABASE_URL": backup,
            "ROWHOUSE_BACKUP_URL": _folder(folder, "backups").as_uri(),
            PG_BIN: str(stack.postgres.binaries),
        } | settings
    return settings


def _metrics_port() -> int:
    """The usual one, unless another run has it or one of the two after it: then none."""
    return METRICS_PORT if all(is_free(METRICS_PORT + offset) for offset in OFFSETS.values()) else 0


def new_master_key() -> str:
    """A Fernet key: 256 random bits, URL-safe base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _folder(home: Home, name: str) -> Path:
    folder = home.path / name
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
