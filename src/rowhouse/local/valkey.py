"""A private Valkey, which speaks Redis' protocol."""

from collections.abc import Sequence
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from rowhouse.local.accounts import Account
from rowhouse.local.binaries import find_valkey
from rowhouse.local.server import DEPLOY, Server

CONFIG = "valkey.conf"


class ValkeyServer(Server):
    """Valkey on 127.0.0.1 with a password, every write logged (reasons: deploy/valkey/valkey.conf)."""

    name = "redis"

    def choose_account(self) -> Account:
        return Account.for_server("redis", "valkey")

    @property
    def url(self) -> str:
        return f"redis://:{self.home.secret('redis')}@127.0.0.1:{self.port}/0"

    def prepare(self) -> None:
        # The password stands in a file: arguments are visible to every user of the machine.
        lines = [
            (DEPLOY / "valkey" / "valkey.conf").read_text(encoding="utf-8"),
            "bind 127.0.0.1",
            f"port {self.port}",
            f"dir {self.data}",
            f"requirepass {self.home.secret('redis')}",
            "daemonize no",
        ]
        self.configure(CONFIG, "\n".join(lines) + "\n")

    def command(self) -> Sequence[str | Path]:
        program = find_valkey(self.account, self.home.shared(self.account))
        return [program, self.home.etc(self.name, self.account) / CONFIG]

    def ready(self) -> bool:
        # One attempt: the client's own retries wait for seconds, whoever starts the server asks again at once.
        once = Retry(NoBackoff(), retries=0)
        client = redis.Redis.from_url(self.url, socket_connect_timeout=2, socket_timeout=2, retry=once)
        try:
            return bool(client.ping())
        except (redis.ConnectionError, redis.TimeoutError):
            # Loading its log after a start answers with a subclass of ConnectionError.
            return False
        finally:
            client.close()
