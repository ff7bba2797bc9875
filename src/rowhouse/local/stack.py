"""PostgreSQL, Valkey and Mosquitto together."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from rowhouse.local.mosquitto import MosquittoServer
from rowhouse.local.postgres import PostgresServer
from rowhouse.local.server import Server
from rowhouse.local.valkey import ValkeyServer


class Stack:
    """The three servers of a home. One whose address the environment gives (`ROWHOUSE_DATABASE_URL`,
    `ROWHOUSE_REDIS_URL`, `ROWHOUSE_MQTT_URL`) is None here: it is somebody else's to run."""

    def __init__(self, home: Path, *, durable: bool = True, environ: Mapping[str, str] = os.environ) -> None:
        self.postgres = (
            None if environ.get("ROWHOUSE_DATABASE_URL") else PostgresServer(home, durable=durable)
        )
        self.valkey = None if environ.get("ROWHOUSE_REDIS_URL") else ValkeyServer(home)
        self.mosquitto = None if environ.get("ROWHOUSE_MQTT_URL") else MosquittoServer(home)

    @property
    def servers(self) -> list[Server]:
        return [server for server in (self.postgres, self.valkey, self.mosquitto) if server]

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

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
