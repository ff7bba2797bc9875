"""The parts behind the front door with TLS, started by the scripts that the containers start: PgBouncer, Valkey's
configuration on Debian's Redis, Mosquitto, and PostgreSQL with OpenSSL, whose embedded build has none."""

import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import redis
from celery import Celery
from typer.testing import CliRunner

from rowhouse.cli import command
from rowhouse.kernel.queue.broker import make_celery
from rowhouse.kernel.redis import connect
from rowhouse.local.accounts import Account
from rowhouse.local.binaries import find_program
from rowhouse.local.home import write_private
from rowhouse.local.mosquitto import ADMIN, _plugin
from rowhouse.local.ports import free_port
from rowhouse.local.processes import kill_group, tied
from rowhouse.local.secrets import new_secrets
from rowhouse.local.server import DEPLOY
from tests.services import remove_home

runner = CliRunner()


def needed(name: str) -> Path:
    """A program of the system; CI has it, others may do without."""
    found = next(iter(sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))), None) or find_program(name)
    if found is None:
        assert not os.environ.get("CI"), f"{name} is missing: scripts/bootstrap.sh tests"
        pytest.skip(f"{name} is not installed: `make test` does it")
    return found


@dataclass(frozen=True, slots=True)
class Place:
    """Secrets and certificates as a new installation has them, where the servers' users may read them."""

    folder: Path
    secrets: dict[str, str]

    @property
    def authority(self) -> Path:
        return self.folder / "certificates" / "public" / "ca.crt"

    def own(self, account: Account) -> None:
        for path in (self.folder, *self.folder.rglob("*")):
            account.own(path)


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    folder = Path(tempfile.mkdtemp(prefix="rowhouse-tls-"))
    folder.chmod(0o755)
    assert runner.invoke(command, ["certs", "make", str(folder / "certificates")]).exit_code == 0
    assert runner.invoke(command, ["secrets", "make", str(folder / "secrets")]).exit_code == 0
    secrets = {path.name: path.read_text().strip() for path in (folder / "secrets").iterdir()}
    for part in ("pgbouncer", "valkey", "mosquitto", "postgres"):
        shutil.copy(folder / "certificates" / "keys" / f"{part}.key", folder / "secrets" / f"{part}_key")
    (folder / "data").mkdir()
    place = Place(folder, secrets)
    # One user for all of them, as in the containers; PostgreSQL refuses root.
    place.own(Account.for_server("postgres"))
    yield place
    remove_home(folder)


def start(
    place: Place, stack: ExitStack, arguments: Sequence[str | Path], **more: str
) -> subprocess.Popen[bytes]:
    """Starts a script or server as an unprivileged user; it ends with the stack."""
    environment = {
        "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
        "SECRETS": str(place.folder / "secrets"),
        "CERTIFICATES": str(place.folder / "certificates" / "public"),
        "DATA": str(place.folder / "data"),
        "TMPDIR": str(place.folder / "data"),
        "LISTEN": "127.0.0.1",
        **more,
    }
    process = subprocess.Popen(
        tied(arguments),
        env=environment,
        stdin=subprocess.DEVNULL,
        cwd=place.folder / "data",
        start_new_session=True,
        **Account.for_server("postgres").identity,
    )
    stack.callback(kill_group, process)
    return process


def readable(name: str, to: Path) -> Path:
    """A copy of deploy/name, for users who can't reach the checkout."""
    to.mkdir(exist_ok=True)
    to.chmod(0o755)
    for path in (DEPLOY / name).glob("*"):
        if path.is_file():
            (to / path.name).write_bytes(path.read_bytes())
            (to / path.name).chmod(0o644)
    return to


def until(condition: Callable[[], object], process: subprocess.Popen[bytes], within_s: float = 30.0) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert process.poll() is None, f"it ended with {process.returncode}"
        assert time.monotonic() < deadline, "not ready in time"
        time.sleep(0.05)


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def answers(dsn: str) -> bool:
    """Whether PostgreSQL has finished starting: it listens before that."""
    try:
        psycopg.connect(dsn, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.mark.process
def test_postgres_and_pgbouncer_speak_tls_and_nothing_else(place: Place) -> None:
    postgres, initdb = needed("postgres"), needed("initdb")
    needed("pgbouncer")
    etc = readable("postgres", place.folder / "etc-postgres")
    readable("pgbouncer", place.folder / "etc-pgbouncer")
    readable("compose", place.folder / "compose")
    cluster, port, pooled_port = place.folder / "data" / "cluster", free_port(), free_port()
    superuser = place.folder / "secrets" / "postgres_superuser"
    options = ["--auth=scram-sha-256", f"--pwfile={superuser}", "--locale=C.UTF-8", "--no-sync"]
    account = Account.for_server("postgres")
    subprocess.run(
        [initdb, "-D", cluster, "-U", "postgres", *options],
        check=True, stdout=subprocess.DEVNULL, cwd=place.folder / "data", **account.identity,
    )  # fmt: skip
    keys = place.folder / "certificates"
    write_private(
        etc / "local.conf",
        f"port = {port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\nfsync = off\n"
        f"include = 'tls.conf'\nssl_cert_file = '{keys}/public/postgres.crt'\n"
        f"ssl_key_file = '{keys}/keys/postgres.key'\n",
        account,
    )
    started: list[str | Path] = [
        postgres,
        "-D",
        cluster,
        "-c",
        f"config_file={etc}/postgresql.conf",
        "-c",
        f"hba_file={etc}/pg_hba.conf",
    ]
    password, trust = (
        place.secrets["postgres_superuser"],
        f"sslmode=verify-full&sslrootcert={place.authority}",
    )
    dsn = f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
    with ExitStack() as stack:
        process = start(place, stack, started)
        until(lambda: answers(f"{dsn}?{trust}"), process)
        with psycopg.connect(f"{dsn}?{trust}", autocommit=True) as server:
            said = server.execute("SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone()
            assert said == ("TLSv1.3",)
            server.execute(f"CREATE ROLE app_user LOGIN PASSWORD '{place.secrets['app_user']}'")
            server.execute("CREATE DATABASE rowhouse")
        with pytest.raises(psycopg.OperationalError, match="no encryption"):
            psycopg.connect(f"{dsn}?sslmode=disable")
        with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
            psycopg.connect(f"{dsn}?sslmode=verify-full&sslrootcert={stranger(place)}")

        addresses = {"PORT": str(pooled_port), "POSTGRES_HOST": "127.0.0.1", "POSTGRES_PORT": str(port)}
        script: list[str | Path] = ["sh", place.folder / "compose" / "pgbouncer.sh"]
        pooler = start(place, stack, script, ETC=str(place.folder / "etc-pgbouncer"), **addresses)
        until(lambda: listens(pooled_port), pooler)
        pooled = f"postgresql://app_user:{place.secrets['app_user']}@127.0.0.1:{pooled_port}/rowhouse"
        with psycopg.connect(f"{pooled}?{trust}", prepare_threshold=None) as client:
            assert client.pgconn.ssl_in_use
            said = client.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone()
            assert said == (True,), "between PgBouncer and PostgreSQL too"
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(f"{pooled}?sslmode=disable")


def stranger(place: Place) -> Path:
    """Another authority, which signed nothing here."""
    folder = place.folder / "stranger"
    if not folder.exists():
        assert runner.invoke(command, ["certs", "make", str(folder)]).exit_code == 0
    return folder / "public" / "ca.crt"


@pytest.mark.process
async def test_valkeys_configuration_speaks_tls(place: Place) -> None:
    """On Debian's Redis: the embedded Valkey was built without TLS. Requests and jobs reach it."""
    server, port = needed("redis-server"), free_port()
    readable("valkey", place.folder / "etc-valkey")
    readable("compose", place.folder / "compose")
    with ExitStack() as stack:
        process = start(
            place, stack, ["sh", place.folder / "compose" / "valkey.sh"],
            ETC=str(place.folder / "etc-valkey"), SERVER=str(server), PORT=str(port),
        )  # fmt: skip
        until(lambda: listens(port), process)
        url = f"rediss://:{place.secrets['valkey']}@127.0.0.1:{port}/0?ssl_ca_certs={place.authority}"
        client = connect(url)
        assert await client.ping()
        assert (await client.config_get("maxmemory-policy"))["maxmemory-policy"] == "noeviction"
        await client.aclose()
        celery: Celery = make_celery(lambda: url)
        with celery.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1)
        celery.close()
        with pytest.raises(redis.ConnectionError):
            redis.Redis(host="127.0.0.1", port=port, socket_timeout=2).ping()


@pytest.mark.process
def test_mosquitto_speaks_tls(place: Place) -> None:
    server, port, ws_port = needed("mosquitto"), free_port(), free_port()
    publish = needed("mosquitto_pub")
    readable("mosquitto", place.folder / "etc-mosquitto")
    readable("compose", place.folder / "compose")
    with ExitStack() as stack:
        process = start(
            place, stack, ["sh", place.folder / "compose" / "mosquitto.sh"],
            ETC=str(place.folder / "etc-mosquitto"), SERVER=str(server), PLUGIN=str(_plugin()),
            PORT=str(port), WS_PORT=str(ws_port),
        )  # fmt: skip
        until(lambda: listens(port), process)
        admin = [
            "-u",
            ADMIN,
            "-P",
            place.secrets["mqtt_admin"],
            "-t",
            "$CONTROL/dynamic-security/v1",
            "-m",
            "{}",
        ]
        asked: list[str | Path] = [publish, "-h", "127.0.0.1", "-p", str(port), "-q", "1", *admin]
        assert subprocess.run([*asked, "--cafile", place.authority], check=False).returncode == 0
        assert (
            subprocess.run([*asked, "--cafile", stranger(place)], check=False, capture_output=True).returncode
            != 0
        )
        assert subprocess.run(asked, check=False, capture_output=True, timeout=20).returncode != 0, (
            "not in plain"
        )
        assert listens(ws_port)


def test_certificates_are_rotated_and_told_when_they_end(tmp_path: Path) -> None:
    folder = tmp_path / "certificates"
    named = ["certs", "make", str(folder), "--name", "postgres=db.internal"]
    assert runner.invoke(command, named).exit_code == 0
    assert runner.invoke(command, named).exit_code == 1, "never over the present ones"
    assert (folder / "ca.key").stat().st_mode & 0o777 == 0o600
    assert (folder / "keys" / "postgres.key").stat().st_mode & 0o777 == 0o600
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    trusted_before = ssl.create_default_context(cafile=folder / "public" / "ca.crt").get_ca_certs()
    assert runner.invoke(command, ["certs", "rotate", str(folder), "--authority"]).exit_code == 0
    assert all(path.read_bytes() != content for path, content in before.items())
    trusted = ssl.create_default_context(cafile=folder / "public" / "ca.crt").get_ca_certs()
    assert len(trusted) == 2
    assert trusted_before[0] in trusted, "parts that were not reloaded yet are trusted still"
    names = subprocess.run(
        ["openssl", "x509", "-in", folder / "public" / "postgres.crt", "-noout", "-ext", "subjectAltName"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert "DNS:db.internal" in names
    assert runner.invoke(command, ["certs", "check", str(folder)]).exit_code == 0
    soon = runner.invoke(command, ["certs", "check", str(folder), "--days", "500"])
    assert soon.exit_code == 1
    assert "public/postgres.crt: 39" in soon.output


def test_secrets_are_made_once_and_fit_each_other(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    assert runner.invoke(command, ["secrets", "make", str(folder)]).exit_code == 0
    made = {path.name: path.read_text().strip() for path in folder.iterdir()}
    assert made.keys() == new_secrets({}).keys()
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in folder.iterdir())
    (folder / "database_url").unlink()
    assert runner.invoke(command, ["secrets", "make", str(folder)]).exit_code == 0
    again = {path.name: path.read_text().strip() for path in folder.iterdir()}
    assert again == made, "what was there is kept, what was lost is made again from it"
