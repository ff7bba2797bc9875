"""Switches that make a provider fail as real ones do."""

import json
import re
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from sandbox.common.state import State
from sandbox.world.chance import draws

EVERY = "*"
GARBAGE = {
    "json": (b"application/json", b'{"data": [{"id": 17, "na'),
    "type": (b"text/html; charset=utf-8", b"<html><body><h1>We'll be right back</h1></body></html>"),
    "shape": (b"application/json", json.dumps({"apiVersion": "99", "payload": {"rows": [[1, 2]]}}).encode()),
}


class Webhooks(BaseModel):
    """What happens to events on their way."""

    model_config = ConfigDict(extra="forbid")

    duplicate: bool = False
    reorder: bool = False
    lose: float = Field(0.0, ge=0, le=1)


class Fault(BaseModel):
    """What befalls calls that match: of their `share`, drawn from `seed`, at most `times` of them.

    `drop`: the work is done, the answer breaks off in the middle; `garbage`: likewise, with another answer.
    """

    model_config = ConfigDict(extra="forbid")

    status: int | None = Field(None, ge=400, le=599)
    retry_after: int | None = Field(None, ge=0)
    slow_s: float = Field(0.0, ge=0, le=300)
    drop: bool = False
    garbage: Literal["json", "type", "shape"] | None = None
    paths: str | None = None
    method: str | None = None
    share: float = Field(1.0, ge=0, le=1)
    seed: int = 0
    times: int | None = Field(None, ge=1)
    real_limits: bool = False
    webhooks: Webhooks | None = None
    met: int = 0
    """Matching calls so far."""
    struck: int = 0

    @property
    def word(self) -> str:
        """What it does, for the list of calls."""
        return self.garbage or ("drop" if self.drop else str(self.status or "slow"))

    def strikes(self, method: str, path: str) -> bool:
        """Whether this call is to fail; counts it."""
        if not (self.status or self.drop or self.garbage or self.slow_s):
            return False
        if self.method not in {None, method} or (self.paths and not re.search(self.paths, path)):
            return False
        self.met += 1
        if self.times is not None and self.struck >= self.times:
            return False
        if draws(self.seed, "fault", self.met).random() >= self.share:
            return False
        self.struck += 1
        return True


def faults_of(state: State, provider: str) -> Sequence[Fault]:
    """The provider's own first, then everybody's."""
    found: list[Fault] = [*state.faults.get(provider, ()), *state.faults.get(EVERY, ())]
    return found


def struck(state: State, provider: str, method: str, path: str, *, named_only: bool) -> Fault | None:
    """The first fault that strikes this call; with `named_only` none but those that name paths."""
    for fault in faults_of(state, provider):
        if (fault.paths or not named_only) and fault.strikes(method, path):
            return fault
    return None


def real_limits(state: State, provider: str) -> bool:
    return any(fault.real_limits for fault in faults_of(state, provider))


def of_webhooks(state: State, provider: str) -> Webhooks:
    return next((f.webhooks for f in faults_of(state, provider) if f.webhooks), Webhooks())
