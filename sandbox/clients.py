"""The applications that the sandbox's providers know: one each, as if it had been registered at their portal.

They are in `clients.json`, which the local stack reads too: it imports nothing of the sandbox.
"""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Client:
    """What a provider gave to an application. The secret is none: the sandbox guards nothing."""

    id: str
    secret: str


CLIENTS = {
    name: Client(given["client_id"], given["client_secret"])
    for name, given in json.loads(Path(__file__).with_name("clients.json").read_bytes()).items()
}
