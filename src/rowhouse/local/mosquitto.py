"""A private Mosquitto whose clients, groups and roles are managed by its dynamic-security plugin."""

import base64
import hashlib
import json
import secrets
import socket
from collections.abc import Sequence
from pathlib import Path

from rowhouse.local.accounts import Account
from rowhouse.local.binaries import find_program
from rowhouse.local.errors import ServerMissing
from rowhouse.local.home import write_private
from rowhouse.local.server import DEPLOY, Server

ADMIN = "rowhouse-admin"
WEBSOCKETS = "mqtt_ws"
CONFIG = "mosquitto.conf"
CONTROL = "$CONTROL/dynamic-security/#"
# The plugin's own default; the admin's password has 256 random bits, so stretching it adds nothing.
ITERATIONS = 101


class MosquittoServer(Server):
    """Mosquitto on 127.0.0.1, MQTT and websockets, everything denied that no role allows.

    The only credential at first is the admin's: it commands the plugin and reads `$SYS`, no tenant's topic.
    """

    name = "mqtt"

    def __init__(self, home: Path, port: int | None = None, ws_port: int | None = None) -> None:
        super().__init__(home, port)
        self.ports[WEBSOCKETS] = ws_port or self.home.port(WEBSOCKETS)
        if not ws_port:
            self._movable.add(WEBSOCKETS)

    def choose_account(self) -> Account:
        return Account.for_server("mosquitto")

    @property
    def ws_port(self) -> int:
        return self.ports[WEBSOCKETS]

    @property
    def url(self) -> str:
        """The admin's address."""
        return f"mqtt://{ADMIN}:{self.home.secret('mqtt_admin')}@127.0.0.1:{self.port}"

    @property
    def address(self) -> str:
        """What anybody may know: without a credential."""
        return f"mqtt://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self.ws_port}/mqtt"

    def prepare(self) -> None:
        state = self.data / "dynamic-security.json"
        if not state.exists():
            write_private(state, json.dumps(initial_state(self.home.secret("mqtt_admin"))), self.account)
        lines = [
            (DEPLOY / "mosquitto" / "mosquitto.conf").read_text(encoding="utf-8"),
            f"plugin {_plugin()}",
            f"plugin_opt_config_file {state}",
            f"persistence_location {self.data}/",
            f"listener {self.port} 127.0.0.1",
            "protocol mqtt",
            f"listener {self.ws_port} 127.0.0.1",
            "protocol websockets",
        ]
        self.configure(CONFIG, "\n".join(lines) + "\n")

    def command(self) -> Sequence[str | Path]:
        program = find_program("mosquitto")
        if program is None:
            raise ServerMissing("mosquitto is not installed: apt-get install mosquitto mosquitto-clients")
        return [program, "-c", self.home.etc(self.name, self.account) / CONFIG]

    def ready(self) -> bool:
        try:
            return connects(self.port, ADMIN, self.home.secret("mqtt_admin"))
        except OSError:
            return False


def initial_state(password: str) -> dict[str, object]:
    """The plugin's state file before the first command: all defaults deny, one admin.

    Written here and not by `mosquitto_ctrl dynsec init`, which takes the password as an argument that every
    user of the machine can see, and leaves receiving allowed.
    """
    salt = secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS, 64)
    admin = {
        "username": ADMIN,
        "roles": [{"rolename": "admin"}],
        "password": base64.b64encode(digest).decode(),
        "salt": base64.b64encode(salt).decode(),
        "iterations": ITERATIONS,
    }
    allowed = [
        ("publishClientSend", CONTROL),
        ("publishClientReceive", CONTROL),
        ("subscribePattern", CONTROL),
        ("publishClientReceive", "$SYS/#"),
        ("subscribePattern", "$SYS/#"),
        ("unsubscribePattern", "#"),
    ]
    acls = [{"acltype": kind, "topic": topic, "priority": 0, "allow": True} for kind, topic in allowed]
    kinds = ("publishClientSend", "publishClientReceive", "subscribe", "unsubscribe")
    return {
        "defaultACLAccess": dict.fromkeys(kinds, False),
        "clients": [admin],
        "roles": [{"rolename": "admin", "acls": acls}],
    }


def connects(port: int, username: str, password: str, timeout_s: float = 2.0) -> bool:
    """Whether the broker accepts an MQTT 3.1.1 connection with these credentials. Raises OSError."""
    fields = [b"", username.encode(), password.encode()]
    payload = b"".join(len(field).to_bytes(2, "big") + field for field in fields)
    # Protocol name and level, flags (user name, password, clean session), keep-alive in seconds.
    body = b"\x00\x04MQTT\x04\xc2\x00\x05" + payload
    if len(body) > 127:
        raise ValueError("the credentials don't fit into a packet with a one-byte length")
    with socket.create_connection(("127.0.0.1", port), timeout_s) as connection:
        connection.settimeout(timeout_s)
        connection.sendall(bytes([0x10, len(body)]) + body)
        answer = connection.recv(4)
    return answer[:1] == b"\x20" and answer[3:4] == b"\x00"


def _plugin() -> Path:
    for pattern in ("*/mosquitto_dynamic_security.so", "mosquitto_dynamic_security.so"):
        for found in sorted(Path("/usr/lib").glob(pattern)):
            return found
    raise ServerMissing("Mosquitto's dynamic-security plugin is missing: apt-get install mosquitto")
