"""All that the sandbox remembers: in memory, and in a file between two runs if one is given."""

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import httpx
from pydantic import TypeAdapter

from sandbox.common.outbox import Outbox
from sandbox.world.athletes import Athlete

KEPT_CALLS = 5000


@dataclass
class Token:
    """`dies_at` is its end, in seconds since 1970: its own, or an earlier one when another took its place."""

    value: str
    kind: Literal["access", "refresh"]
    dies_at: float


@dataclass
class Grant:
    """An athlete's consent at a provider, and the tokens issued on it, newest last."""

    id: str
    provider: str
    athlete_id: str
    scopes: list[str]
    tokens: list[Token] = field(default_factory=list)
    revoked_at: float | None = None
    registered_at: float | None = None
    """Polar only: since when the application has the user,"""
    member_id: str | None = None
    """and by which name."""


@dataclass
class Code:
    """An authorization code: for one use, for ten minutes, for one redirect address."""

    value: str
    provider: str
    athlete_id: str
    scopes: list[str]
    redirect_uri: str
    challenge: str | None
    dies_at: float
    spent_by: str | None = None
    """The grant it became."""


@dataclass
class Subscription:
    """An address that a provider sends its events to. `of` is the athlete where each has one of its own."""

    id: str
    provider: str
    callback_url: str
    secret: str = ""
    kinds: list[str] = field(default_factory=list)
    of: str | None = None
    expires_at: float | None = None
    active: bool = True


@dataclass
class Saved:
    """What outlives a restart."""

    athletes: dict[str, Athlete] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    nonces: dict[str, float] = field(default_factory=dict)
    """Withings': until when each serves; and Garmin's back-fills, which are taken once."""
    dead_keys: set[str] = field(default_factory=set)
    """Personal keys that their athletes withdrew."""
    ahead_s: float = 0.0
    """By how much the sandbox's clock is ahead."""
    issued: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """One that came in."""

    at: float
    provider: str
    method: str
    path: str
    query: str
    status: int | None
    fault: str | None
    grant_id: str | None


class State:
    """One sandbox."""

    def __init__(self, file: Path | None = None, http: httpx.AsyncClient | None = None) -> None:
        self._file = file
        self.saved = Saved()
        if file and file.exists():
            self.saved = TypeAdapter(Saved).validate_json(file.read_bytes())
        self.http = http or httpx.AsyncClient(timeout=10, trust_env=False)
        self.outbox = Outbox()
        self.calls: deque[Call] = deque(maxlen=KEPT_CALLS)
        self.deliveries: deque[dict[str, Any]] = deque(maxlen=KEPT_CALLS)
        self.windows: dict[tuple[str, int, int], int] = {}
        self.faults: dict[str, Any] = {}
        self.base_url = ""
        """As the last to ask a provider called it: what events say where to fetch from."""

    def save(self) -> None:
        """Replaces the file in one step."""
        if self._file:
            staged = self._file.with_suffix(".new")
            staged.write_bytes(TypeAdapter(Saved).dump_json(self.saved))
            staged.replace(self._file)

    def now(self) -> float:
        return time.time() + self.saved.ahead_s

    def today(self) -> datetime:
        """Now, as a time in UTC of whole seconds."""
        return datetime.fromtimestamp(self.now(), UTC).replace(microsecond=0)

    def address(self, provider: str) -> str:
        """Where that provider is."""
        return f"{self.base_url}/{provider}"

    def athlete(self, key: str) -> Athlete:
        """Raises KeyError."""
        return self.saved.athletes[key]

    def athlete_at(self, provider: str, number: int) -> Athlete | None:
        return next((one for one in self.saved.athletes.values() if one.id_at(provider) == number), None)

    def grants(self, provider: str, athlete_id: str | None = None) -> Sequence[Grant]:
        """Those that hold, of one athlete or all."""
        return [
            one
            for one in self.saved.grants.values()
            if one.provider == provider and not one.revoked_at and athlete_id in {None, one.athlete_id}
        ]

    def subscriptions(self, provider: str) -> Sequence[Subscription]:
        return [one for one in self.saved.subscriptions.values() if one.provider == provider]

    def forget(self) -> None:
        """Everything, as on the first day."""
        self.saved = Saved()
        self.calls.clear()
        self.deliveries.clear()
        self.windows.clear()
        self.faults.clear()
