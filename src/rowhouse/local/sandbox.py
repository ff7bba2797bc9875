"""The simulated providers of `sandbox/`, a program of its own beside this package: run here, never imported."""

import json
import sys
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx

from rowhouse.local.accounts import Account
from rowhouse.local.home import Home
from rowhouse.local.server import Server

ROOT = Path(__file__).resolve().parents[3]
CLIENTS = ROOT / "sandbox" / "clients.json"
HOOK_PATH = "sandbox_webhooks"
HOOKED: Mapping[str, Sequence[str]] = {
    "strava": (),
    "whoop": (),
    "garmin": (
        "activities",
        "activityFiles",
        "deregistrations",
        "sleeps",
        "hrv",
        "dailies",
        "bodyComps",
        "userMetrics",
    ),
}
"""The providers that send webhooks to a local run, and the kinds of those that want an address for each. Polar shows its
key only when an address is told to it: by then the API runs, and knows none."""
TOLD_BY_US = ("oura", "withings")
"""Those that the application itself tells where it is."""
GREETING = ("strava", "oura")
"""Those that show a token first."""


def sandbox_url(home: Home) -> str | None:
    """Where that home's sandbox answers when it is up; None where there is none, as in an installed wheel."""
    return f"http://127.0.0.1:{home.port(SandboxServer.name)}" if CLIENTS.is_file() else None


def sandbox_clients() -> Mapping[str, Mapping[str, str]]:
    """By provider, the `client_id` and `client_secret` that the sandbox accepts."""
    clients: dict[str, dict[str, str]] = json.loads(CLIENTS.read_bytes())
    return clients


def sandbox_connections(url: str) -> Mapping[str, Mapping[str, str]]:
    """`ROWHOUSE_CONNECTIONS` for the sandbox at that address. An athlete's own key at Garmin takes no client."""
    found = {name: {**client, "url": f"{url}/{name}"} for name, client in sandbox_clients().items()}
    return found | {"garmin-personal": {"client_id": "personal", "url": f"{url}/garmin-personal"}}


def sandbox_webhooks(path: str) -> Mapping[str, Mapping[str, object]]:
    """`ROWHOUSE_WEBHOOK_PROVIDERS`: the secret path that a run's sandbox sends to."""
    return {
        name: {"paths": [path], "verify_token": path} if name in GREETING else {"paths": [path]}
        for name in (*HOOKED, *TOLD_BY_US)
    }


def subscribe(url: str, path: str, api: str) -> None:
    """Tells the sandbox at `url` where the run's API is, as one would on the providers' portals. An API that is configured
    otherwise hears nothing."""
    with httpx.Client(base_url=url, timeout=10, trust_env=False) as sandbox:
        for name, kinds in HOOKED.items():
            address = f"{api}/api/v1/webhooks/{name}/{path}"
            if name == "strava":
                _subscribe_to_strava(sandbox, address, path)
                continue
            for kind in kinds or (None,):
                wanted = {"provider": name, "callback_url": address, "kinds": [kind] if kind else []}
                sandbox.post("/_sandbox/subscriptions", json=wanted)


def _subscribe_to_strava(sandbox: httpx.Client, address: str, token: str) -> None:
    """Strava has one subscription for an application: that of a former run goes."""
    door, client = "/strava/api/v3/push_subscriptions", dict(sandbox_clients()["strava"])
    for one in sandbox.get(door, params=client).json():
        sandbox.delete(f"{door}/{one['id']}", params=client)
    sandbox.post(door, data={**client, "callback_url": address, "verify_token": token})


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
