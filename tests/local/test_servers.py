"""The three servers: they start, keep data and address, survive a kill, and say why when they can't."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from rowhouse.local.errors import LocalError, ServerFailed, ServerMissing
from rowhouse.local.home import Home
from rowhouse.local.mosquitto import ADMIN, MosquittoServer, connects
from rowhouse.local.ports import free_port
from rowhouse.local.postgres import PostgresServer
from rowhouse.local.server import Server
from rowhouse.local.stack import Stack
from rowhouse.local.valkey import ValkeyServer


def kill(server: Server) -> None:
    pid = server.pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: server.pid is None)


def wait_until(condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.02)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is waited for that a predecessor would leave behind."""
    monkeypatch.setattr("rowhouse.local.server.PREDECESSOR_S", 0.3)


@pytest.fixture(scope="module")
def postgres(shared_home: Path) -> Iterator[PostgresServer]:
    with PostgresServer(shared_home, durable=True) as server:
        yield server


def test_postgres_keeps_committed_rows_and_its_port_when_killed(postgres: PostgresServer) -> None:
    port = postgres.port
    with psycopg.connect(postgres.superuser_dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
        kill(postgres)
    postgres.start()
    assert postgres.port == port
    with psycopg.connect(postgres.superuser_dsn) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1000,)


def test_postgres_stops_and_another_start_finds_data_and_password(postgres: PostgresServer) -> None:
    with psycopg.connect(postgres.superuser_dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE stopped (n int)")
    postgres.stop()
    assert postgres.pid is None
    again = PostgresServer(postgres.home.path)
    assert again.port == postgres.port
    with again, psycopg.connect(again.superuser_dsn) as connection:
        assert connection.execute("SELECT count(*) FROM stopped").fetchone() == (0,)
    postgres.start()


def test_postgres_is_as_the_configuration_says(postgres: PostgresServer) -> None:
    wanted = {
        "data_checksums": "on",
        "fsync": "on",
        "full_page_writes": "on",
        "password_encryption": "scram-sha-256",
        "unix_socket_directories": "",
        "listen_addresses": "127.0.0.1",
        "jit": "off",
    }
    with psycopg.connect(postgres.superuser_dsn) as connection:
        rows = connection.execute(
            "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(wanted)]
        )
        assert dict(rows.fetchall()) == wanted
        methods = connection.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules").fetchall()
        assert methods == [("scram-sha-256",)]
        vector = connection.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'").fetchone()
        assert vector == (1,)


def test_postgres_refuses_a_wrong_password(postgres: PostgresServer) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres.dsn("postgres", "wrong", "postgres"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the servers as somebody else")
def test_started_by_root_no_server_runs_as_root(home: Path) -> None:
    with Stack(home, durable=False, environ={}) as stack:
        for server in stack.servers:
            assert Path(f"/proc/{server.pid}").stat().st_uid == server.account.uid != 0
            groups = Path(f"/proc/{server.pid}/status").read_text().split("Groups:")[1].splitlines()[0]
            assert groups.strip() == "", "no group of root is left to it"


def test_valkey_keeps_writes_and_its_port_when_killed(home: Path) -> None:
    with ValkeyServer(home) as server:
        url = server.url
        for number in range(500):
            redis.Redis.from_url(url).set(f"key-{number}", number)
        kill(server)
        server.start()
        assert server.url == url
        assert redis.Redis.from_url(url).dbsize() == 500
        server.stop()
        server.start()
        assert redis.Redis.from_url(url).get("key-499") == b"499"


def test_valkey_asks_for_the_password_and_never_evicts(home: Path) -> None:
    with ValkeyServer(home) as server:
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(host="127.0.0.1", port=server.port, retry=Retry(NoBackoff(), retries=0)).ping()
        config = redis.Redis.from_url(server.url, decode_responses=True).config_get("*")
        assert (config["maxmemory-policy"], config["appendonly"], config["bind"]) == (
            "noeviction",
            "yes",
            "127.0.0.1",
        )


def test_mosquitto_lets_nobody_in_but_its_admin(home: Path) -> None:
    with MosquittoServer(home) as server:
        password = server.home.secret("mqtt_admin")
        assert connects(server.port, ADMIN, password)
        assert not connects(server.port, ADMIN, "wrong")
        assert not connects(server.port, "", "")
        kill(server)
        server.start()
        assert connects(server.port, ADMIN, password)


def test_mosquitto_denies_what_no_role_allows(home: Path) -> None:
    with MosquittoServer(home) as server:
        access = dict(line.split(":") for line in dynsec(server, "getDefaultACLAccess").splitlines())
        assert {kind.strip(): answer.strip() for kind, answer in access.items()} == {
            "publishClientSend": "deny",
            "publishClientReceive": "deny",
            "subscribe": "deny",
            "unsubscribe": "deny",
        }
        dynsec(server, "createClient", "stranger", "-p", "known")
        kill(server)
        server.start()
        assert connects(server.port, "stranger", "known"), "the plugin's state survives a kill"
        heard = mosquitto_sub(server, "stranger", "known", "org/#", seconds=30)
        assert "denied" in heard.stderr.lower(), heard


def test_mosquitto_speaks_websockets(home: Path) -> None:
    with (
        MosquittoServer(home) as server,
        socket.create_connection(("127.0.0.1", server.ws_port), 5) as client,
    ):
        client.sendall(
            b"GET /mqtt HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Protocol: mqtt\r\n\r\n"
        )
        assert client.recv(1024).startswith(b"HTTP/1.1 101 ")


def test_secrets_are_long_and_their_owners_only(home: Path) -> None:
    with Stack(home, durable=False, environ={}) as stack:
        names = {path.name for path in (home / "secrets").iterdir()}
        assert names == {"postgres_superuser", "redis", "mqtt_admin"}
        files = [
            *(home / "secrets").iterdir(),
            *stack.servers[0].home.etc("redis", stack.servers[1].account).iterdir(),
        ]
        for path in files:
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
        for path in (home / "secrets").iterdir():
            assert len(path.read_text()) >= 43, "256 bits in base64"
        for server in stack.servers:
            assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
            line = Path(f"/proc/{server.pid}/cmdline").read_text()
            assert not any((home / "secrets" / name).read_text() in line for name in names)


def test_a_server_never_gets_the_callers_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROWHOUSE_MASTER_KEY", "nobody-elses-business")
    with ValkeyServer(home) as server:
        assert "nobody-elses-business" not in Path(f"/proc/{server.pid}/environ").read_text()


def test_a_port_that_a_stranger_took_is_chosen_anew_before_the_first_start(
    home: Path, impatient: None
) -> None:
    server = ValkeyServer(home)
    kept = server.port
    with socket.create_server(("127.0.0.1", kept)), server:
        assert server.port != kept
        assert ValkeyServer(home).port == server.port


def test_a_given_port_that_is_taken_is_an_error(home: Path, impatient: None) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)), pytest.raises(ServerFailed, match=str(port)):
        ValkeyServer(home, port).start()


def test_a_failing_server_says_the_end_of_its_log(
    home: Path, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = MosquittoServer(home)
    server.prepare()
    broken = server.configure("broken.conf", "no_such_setting true\n")
    monkeypatch.setattr(server, "command", lambda: ["/usr/sbin/mosquitto", "-c", broken])
    with pytest.raises(ServerFailed, match="no_such_setting"):
        server.start()


def test_an_address_in_the_environment_replaces_a_server(home: Path) -> None:
    stack = Stack(home, environ={"ROWHOUSE_DATABASE_URL": "postgresql://x", "ROWHOUSE_MQTT_URL": "mqtt://y"})
    assert [server.name for server in stack.servers] == ["redis"]


def test_servers_end_with_whoever_started_them_even_if_that_is_killed(home: Path) -> None:
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom rowhouse.local.stack import Stack\n"
        "stack = Stack(Path(sys.argv[1]), durable=False, environ={})\nstack.start()\n"
        "print(*[server.pid for server in stack.servers], flush=True)\ntime.sleep(60)\n"
    )
    owner = subprocess.Popen([sys.executable, "-c", code, str(home)], stdout=subprocess.PIPE, text=True)
    assert owner.stdout
    pids = [int(word) for word in owner.stdout.readline().split()]
    assert len(pids) == 3
    owner.kill()
    owner.communicate()
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))
    with Stack(home, durable=False, environ={}) as again:
        assert all(server.pid for server in again.servers)


@pytest.mark.skipif(
    os.geteuid() != 0, reason="another user's folder can be closed to the servers by root only"
)
def test_a_home_that_the_servers_cannot_reach_has_its_data_elsewhere(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    inside = Home(closed / "rowhouse")
    with ValkeyServer(inside.path) as server:
        redis.Redis.from_url(server.url).set("a", 1)
        link = inside.path / "data"
        assert link.is_symlink()
        assert server.data.is_relative_to("/var/lib/rowhouse")
    with ValkeyServer(inside.path) as server:
        assert redis.Redis.from_url(server.url).get("a") == b"1"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's servers run as somebody else")
def test_data_that_became_unreachable_is_an_error_that_says_what_to_do(home: Path) -> None:
    inner = home / "inner"
    ValkeyServer(inner).prepare()
    home.chmod(0o700)
    with pytest.raises(LocalError, match=r"chmod o\+x"):
        ValkeyServer(inner).start()


def test_a_chosen_postgres_that_is_not_one_is_an_error(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROWHOUSE_PG_BIN", "/usr/bin")
    with pytest.raises(ServerMissing, match="/usr/bin"):
        PostgresServer(home).start()


def dynsec(server: MosquittoServer, *command: str) -> str:
    """What the dynamic-security plugin answers the admin."""
    login = ["-p", str(server.port), "-u", ADMIN, "-P", server.home.secret("mqtt_admin")]
    done = subprocess.run(
        ["mosquitto_ctrl", *login, "dynsec", *command], check=True, capture_output=True, text=True
    )
    assert "Error" not in done.stdout + done.stderr, done
    return done.stdout


def mosquitto_sub(
    server: MosquittoServer, user: str, password: str, topic: str, seconds: int
) -> subprocess.CompletedProcess[str]:
    login = ["-p", str(server.port), "-V", "5", "-u", user, "-P", password]
    return subprocess.run(
        ["mosquitto_sub", *login, "-t", topic, "-W", str(seconds)],
        check=False,
        capture_output=True,
        text=True,
    )
