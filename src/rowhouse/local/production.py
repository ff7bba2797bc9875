"""The parts that stand around Rowhouse in production, around a local run: nginx with TLS, PgBouncer, S3."""

import json
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redis

from rowhouse.local.environment import ADMIN, OWNER, USER, WEB, passwords
from rowhouse.local.errors import LocalError
from rowhouse.local.home import Home
from rowhouse.local.nginx import NginxServer
from rowhouse.local.pgbouncer import PgBouncerServer
from rowhouse.local.s3 import S3Server
from rowhouse.local.sandbox import SandboxServer, sandbox_connections
from rowhouse.local.server import Server
from rowhouse.local.stack import Stack

REHEARSAL = "rehearsal"
REDIS_NUMBER = 1


class ProductionParts:
    """Three servers of a home; `user_dsn` leads to the database as app_user, `mqtt_ws_url` to the broker. At
    `sandbox_port` are the simulated providers, which get TLS as well: production asks providers by it alone. `more` are lines of nginx' server."""

    def __init__(
        self,
        home: Path,
        port: int | None,
        api_port: int,
        user_dsn: str,
        mqtt_ws_url: str,
        sandbox_port: int,
        *,
        more: Sequence[str] = (),
    ) -> None:
        database, broker = urlsplit(user_dsn), urlsplit(mqtt_ws_url)
        assert database.username
        assert database.password
        assert database.port
        assert broker.port
        self.api_port = api_port
        self.more: dict[str, str] = {}
        self._user, self._name = database.username, database.path.removeprefix("/")
        self.pgbouncer = PgBouncerServer(home, database.port, {database.username: database.password})
        self.s3 = S3Server(home)
        beside = {SandboxServer.name: sandbox_port}
        self.nginx = NginxServer(home, api_port, broker.port, WEB, port, beside=beside, more=more)

    @property
    def servers(self) -> list[Server]:
        return [self.pgbouncer, self.s3, self.nginx]

    @property
    def settings(self) -> dict[str, str]:
        """What the processes are told of them, once they run."""
        return {
            "ROWHOUSE_ENV": "production",
            "ROWHOUSE_PUBLIC_URL": self.nginx.url,
            "ROWHOUSE_TRUSTED_PROXIES": "127.0.0.1",
            "ROWHOUSE_MQTT_WS_URL": f"wss://127.0.0.1:{self.nginx.port}/mqtt",
            USER: self.pgbouncer.dsn(self._user, self._name),
            "ROWHOUSE_DATABASE_POOLED": "true",
            "ROWHOUSE_STORAGE_URL": self.s3.url,
            **self.s3.variables,
            **self.more,
        }

    @property
    def providers_url(self) -> str:
        """Where the simulated providers are asked over TLS."""
        return self.nginx.url_of(SandboxServer.name)

    @property
    def providers(self) -> dict[str, str]:
        """What the processes are told of the simulated providers, whose certificate is of nginx' authority."""
        return {
            "ROWHOUSE_CONNECTIONS": json.dumps(sandbox_connections(self.providers_url)),
            "SSL_CERT_FILE": str(self.nginx.authority),
        }

    def start(self) -> None:
        """Returns when all answer; stops those already started when one fails."""
        try:
            for server in self.servers:
                server.start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        for server in reversed(self.servers):
            server.stop()


def rehearsal(home: Home, port: int, stack: Stack) -> ProductionParts:
    """The parts around a run of that home, with an empty database beside the usual one: what S3 holds ends with the
    run, so rows about it must not outlive it. Raises LocalError where a server is somebody else's."""
    postgres, valkey, mosquitto = stack.postgres, stack.valkey, stack.mosquitto
    if not (postgres and valkey and mosquitto):
        raise LocalError(
            "--production-like runs on servers of its own: unset ROWHOUSE_DATABASE_URL and the like"
        )
    with psycopg.connect(postgres.superuser_dsn, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {REHEARSAL} WITH (FORCE)")
    redis_url = valkey.url.removesuffix("/0") + f"/{REDIS_NUMBER}"
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
    known = passwords(home)
    user_dsn = postgres.dsn("app_user", known.user, REHEARSAL)
    sandbox_port = home.port(SandboxServer.name)
    parts = ProductionParts(home.path, port, home.port("api"), user_dsn, mosquitto.ws_url, sandbox_port)
    parts.more = {
        "ROWHOUSE_PORT": str(parts.api_port),
        "ROWHOUSE_REDIS_URL": redis_url,
        ADMIN: postgres.dsn("app_admin", known.admin, REHEARSAL),
        OWNER: postgres.dsn("rowhouse_owner", known.owner, REHEARSAL),
    }
    return parts
