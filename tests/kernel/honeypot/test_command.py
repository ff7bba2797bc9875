"""`rowhouse honeypot create` on an installation: its credentials are printed once, and its ids are decoys."""

import psycopg
import pytest
from typer.testing import CliRunner

from rowhouse.cli import command
from rowhouse.kernel.settings import Settings, get_settings
from rowhouse.kit.ids import uuid7


def test_it_is_planted_and_told_once(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.admin_database_url is not None
    for name in ("database_url", "admin_database_url", "redis_url", "master_key"):
        monkeypatch.setenv(f"ROWHOUSE_{name.upper()}", getattr(settings, name).get_secret_value())
    monkeypatch.setenv("ROWHOUSE_STORAGE_URL", settings.storage_url)
    get_settings.cache_clear()
    email = f"{uuid7().hex}@example.org"
    asked = [
        "honeypot",
        "create",
        "--email",
        email,
        "--organization",
        "Vale Holding",
        "--person",
        "Robin Vale",
    ]
    try:
        done = CliRunner().invoke(command, asked)
        again = CliRunner().invoke(command, asked)
    finally:
        get_settings.cache_clear()
    assert done.exit_code == 0, done.output
    told = {line[:12].strip(): line[14:] for line in done.output.splitlines()}
    assert told["email"] == email
    assert told["API key"].startswith("rh_live_")
    organization = told["organization"].split()[0]
    with psycopg.connect(settings.database_url.get_secret_value()) as connection:
        known = connection.execute("SELECT kind FROM kernel.decoys WHERE id = %s", [organization]).fetchall()
    assert known == [("organization",)]
    assert again.exit_code == 1
    assert "already" in again.output
