"""The Compose files: valid, complete, and about settings that exist. What the image runs is run here without it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from cryptography.fernet import Fernet
from pydantic import ValidationError

from rowhouse.kernel.settings import Settings
from rowhouse.local.environment import ADMIN, OWNER, USER
from rowhouse.local.ports import free_port
from rowhouse.local.processes import kill_group, tied
from rowhouse.local.secrets import BY_HAND, new_secrets
from rowhouse.local.server import DEPLOY
from tests.conftest import copy_database
from tests.live import is_ready, until
from tests.services import Services

COMPOSE = DEPLOY / "compose"
DOCS = DEPLOY.parent / "docs" / "operations"
ELSEWHERE = {"ROWHOUSE_UID", "ROWHOUSE_GID", "ROWHOUSE_VERSION"}
# Read where a local run and the broker's clients are made.
BESIDE_SETTINGS = {"ROWHOUSE_MQTT_WS_URL"}
SETTINGS = {f"ROWHOUSE_{name.upper()}" for name in Settings.model_fields} | BESIDE_SETTINGS
EXAMPLE = dict(
    line.split("=", 1)
    for line in (COMPOSE / ".env.example").read_text().splitlines()
    if line and not line.startswith("#")
)


@pytest.fixture(scope="module")
def production() -> dict[str, Any]:
    described: dict[str, Any] = yaml.safe_load((COMPOSE / "compose.yaml").read_text())
    return described


@pytest.mark.parametrize("more", ["", "compose.development.yaml", "compose.test.yaml"])
def test_compose_takes_the_files(more: str) -> None:
    program = shutil.which("docker-compose")
    if program is None:
        assert not os.environ.get("CI"), "docker-compose is missing: scripts/bootstrap.sh tests"
        pytest.skip("docker-compose is not installed: `make test` does it")
    files = ["-f", "compose.yaml", *(["-f", more] if more else [])]
    done = subprocess.run(
        [program, "--env-file", ".env.example", *files, "config", "--quiet"],
        check=False, capture_output=True, text=True, cwd=COMPOSE, env={"PATH": os.environ["PATH"]},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr.lower(), done.stderr


def test_what_is_mounted_is_there_and_every_variable_is_a_setting(production: dict[str, Any]) -> None:
    made = new_secrets({}).keys()
    for name, secret in production["secrets"].items():
        path = Path(secret["file"])
        if path.parent.name == "secrets":
            assert name in made or name in ("public_certificate", "public_key"), name
    for service in production["services"].values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            if source.startswith(".") and "certificates" not in source:
                assert (COMPOSE / source).exists(), source
        for variable in service.get("environment", ()):
            if variable.startswith("ROWHOUSE_"):
                assert variable.removesuffix("_FILE") in SETTINGS, variable
        assert set(service.get("secrets", ())) <= production["secrets"].keys()
    assert EXAMPLE.keys() - {"AWS_REGION"} - ELSEWHERE <= SETTINGS


def test_every_container_is_bounded_unprivileged_and_pinned(production: dict[str, Any]) -> None:
    for name, service in production["services"].items():
        if name in ("provision", "migrate"):
            continue  # run once
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}, name
        assert service["logging"], name
        image = service["image"]
        assert ":" in image, name
        assert "." not in image.split("/")[0].split(":")[0], "no registry's address"
    ports = {
        name: service["ports"]
        for name, service in production["services"].items()
        if not all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    }
    assert ports.keys() == {"nginx"}


def test_no_process_is_handed_more_than_it_needs(production: dict[str, Any]) -> None:
    services = production["services"]
    for name in ("api", "worker"):
        handed = services[name].get("secrets", services["worker"]["secrets"])
        assert not {"owner_database_url", "admin_database_url", "superuser_database_url"} & set(handed)
    assert "superuser_database_url" not in services["migrate"]["secrets"]
    holders = {name for name, one in services.items() if "backup_database_url" in one.get("secrets", ())}
    assert holders == {"backup", "provision", "restore"}
    assert services["restore"]["profiles"] == ["restore"], "no `up` starts it"


def test_backups_are_made_by_programs_of_the_servers_version(production: dict[str, Any]) -> None:
    services, built = production["services"], (DEPLOY / "Dockerfile").read_text()
    [major] = re.findall(r"pg(\d+)$", services["postgres"]["image"])
    assert f"FROM postgres:{major}-bookworm" in built
    assert built.count(f"/usr/lib/postgresql/{major}/bin/pg_") == 3
    assert services["backup"]["command"] == ["backup", "--keep", "14"]


def test_one_organization_is_restored_by_a_service_that_has_all_it_needs(production: dict[str, Any]) -> None:
    services = production["services"]
    restore, backup = services["restore"], services["backup"]
    assert (restore["image"], restore["build"]) == (backup["image"], backup["build"])
    needed = {"ROWHOUSE_BACKUP_URL", f"{ADMIN}_FILE", "ROWHOUSE_BACKUP_DATABASE_URL_FILE"}
    assert needed <= restore["environment"].keys()
    named = {value for value in restore["environment"].values() if value.startswith("/run/secrets/")}
    assert named == {f"/run/secrets/{secret}" for secret in restore["secrets"]}
    # /tmp is memory, and a whole database is laid out.
    temporary = restore["environment"]["TMPDIR"]
    [volume] = [one.split(":")[0] for one in restore["volumes"] if one.split(":")[1] == temporary]
    assert volume in production["volumes"]
    for page in ("backup-and-restore.md", "deployment.md"):
        assert "docker compose run --rm restore restore" in (DOCS / page).read_text(), page


def test_wal_that_is_not_shipped_yet_outlives_its_container(production: dict[str, Any]) -> None:
    keeper = production["services"]["backup"]
    home = keeper["environment"]["ROWHOUSE_HOME"]
    [volume] = [one.split(":")[0] for one in keeper["volumes"] if one.split(":")[1] == home]
    assert volume in production["volumes"]
    assert f"install -d -m 1777 {home}" in (DEPLOY / "Dockerfile").read_text()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"database_url": "postgresql://app_user:change-me@db/rowhouse"}, "everybody knows"),
        ({"redis_url": "redis://valkey:6379/0"}, "needs a password"),
        ({"redis_url": "redis://:short@valkey:6379/0"}, "too short"),
        ({"smtp_url": BY_HAND["smtp_url"]}, "everybody knows"),
        ({"public_url": "http://rowhouse.example"}, "https"),
        ({"idp_webhook_secret": "secret"}, "everybody knows"),
    ],
)
def test_production_refuses_secrets_that_are_none(wrong: dict[str, str], said: str) -> None:
    good: dict[str, Any] = {
        **{name: value for name, value in new_secrets({}).items() if name in Settings.model_fields},
        "env": "production",
        "public_url": EXAMPLE["ROWHOUSE_PUBLIC_URL"],
        "storage_url": EXAMPLE["ROWHOUSE_STORAGE_URL"],
        "smtp_url": "smtp://rowhouse:a-real-password@mail.example:587",
    }
    assert Settings(**good).env == "production"
    with pytest.raises(ValidationError, match=said):
        Settings(**{**good, **wrong})
    assert Settings(**{**good, **wrong, "env": "development"}).env == "development"


@pytest.mark.process
def test_what_the_image_starts_runs_from_secret_files(
    services: Services, worker_number: int, tmp_path: Path
) -> None:
    """The image's entry point and command, with its settings, as a process."""
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    [entry] = re.findall(r'^ENTRYPOINT \["(\w+)"\]$', dockerfile, re.MULTILINE)
    assert (entry, 'CMD ["serve", "api"]' in dockerfile) == ("rowhouse", True)
    database_name = f"rowhouse_image_{worker_number}"
    copy_database(services, database_name)
    files = {
        USER: services.dsn("app_user", database_name),
        ADMIN: services.dsn("app_admin", database_name),
        OWNER: services.dsn("rowhouse_owner", database_name),
        "ROWHOUSE_REDIS_URL": services.redis(15),
        "ROWHOUSE_MASTER_KEY": Fernet.generate_key().decode(),
        "ROWHOUSE_SMTP_URL": "smtp://rowhouse:a-real-password@127.0.0.1:1",
    }
    port = free_port()
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "ROWHOUSE_ENV": "production",
        "ROWHOUSE_PUBLIC_URL": EXAMPLE["ROWHOUSE_PUBLIC_URL"],
        "ROWHOUSE_HOME": str(tmp_path),
        "ROWHOUSE_PORT": str(port),
        "ROWHOUSE_STORAGE_URL": (tmp_path / "files").as_uri(),
    }
    for name, value in files.items():
        path = tmp_path / name
        path.write_text(value + "\n")
        environment[f"{name}_FILE"] = str(path)
    program = shutil.which("rowhouse", path=environment["PATH"])
    assert program
    subprocess.run([program, "migrate"], check=True, env=environment, cwd=tmp_path, stdout=subprocess.DEVNULL)
    log = tmp_path / "api.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            tied([program, "serve", "api"]),
            env=environment, cwd=tmp_path, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        url = f"http://127.0.0.1:{port}"
        until(lambda: process.poll() is not None or is_ready(url), 240)
        assert process.poll() is None, log.read_text()
        assert httpx.get(f"{url}/ready").headers["strict-transport-security"]
        assert httpx.get(f"{url}/dev/mail").status_code == 404
    finally:
        kill_group(process)
    refused = subprocess.run(
        [program, "serve", "api"],
        check=False, capture_output=True, text=True, cwd=tmp_path, timeout=60,
        env=environment | {"ROWHOUSE_REDIS_URL": "redis://:password@127.0.0.1:1/0"},
    )  # fmt: skip
    assert refused.returncode != 0
    assert "everybody knows" in refused.stderr
