"""The simulated providers of `sandbox/`, a program of its own beside this package: run here, never imported."""

import json
import sys
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from rowhouse.local.accounts import Account
from rowhouse.local.home import Home
from rowhouse.local.server import Server

ROOT = Path(__file__).resolve().parents[3]
CLIENTS = ROOT / "sandbox" / "clients.json"


def sandbox_url(home: Home) -> str | None:
    """Where that home's sandbox answers when it is up; None where there is none, as in an installed wheel."""
    return f"http://127.0.0.1:{home.port(SandboxServer.name)}" if CLIENTS.is_file() else None


def sandbox_clients() -> Mapping[str, Mapping[str, str]]:
    """By provider, the `client_id` and `client_secret` that the sandbox accepts."""
    clients: dict[str, dict[str, str]] = json.loads(CLIENTS.read_bytes())
    return clients


class SandboxServer(Server):
    """The sandbox on 127.0.0.1; its athletes and the tokens it issued are kept in the home."""

    name = "sandbox"

    def choose_account(self) -> Account:
        # Like Rowhouse's own processes it runs from the caller's Python environment.
        return Account()

    def prepare(self) -> None:
        """Nothing to be made: it begins with athletes of its own."""

    def command(self) -> Sequence[str | Path]:
        program = [sys.executable, "-m", "sandbox"]
        return [*program, "--port", str(self.port), "--state", self.data / "state.json"]

    def environment(self) -> Mapping[str, str]:
        return {**super().environment(), "PYTHONPATH": str(ROOT)}

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5) as answer:
                return int(answer.status) == 200
        except OSError:
            return False
