"""What a simulated provider consists of."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from sandbox.common.state import State
from sandbox.world.athletes import Athlete
from sandbox.world.nights import Night
from sandbox.world.sessions import Session

Aspect = Literal["create", "update", "delete"]
News = Session | Night


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many calls in each window; windows begin at whole multiples of their length since 1970, in UTC."""

    name: str
    calls: int
    window_s: int


@dataclass(frozen=True, slots=True)
class Window:
    """An allowance as it stands: `used` counts the present call."""

    allowance: Allowance
    calls: int
    used: int
    resets_in_s: int

    @property
    def left(self) -> int:
        return max(0, self.calls - self.used)


async def _announces_nothing(_state: State, _athlete: Athlete, _news: News, _aspect: Aspect) -> None:
    return


def _says_nothing(_windows: Sequence[Window]) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Provider:
    """Served below `/{path}`. `pages` are what an athlete's browser opens: no fault touches them by itself;
    `counted` says whose calls the allowances count."""

    name: str
    path: str
    title: str
    routes: Sequence[BaseRoute]
    refusal: Callable[[int], Response]
    """The provider's own words for 429, 500 and the like."""
    pages: frozenset[str] = frozenset()
    counted: str = "/"
    allowances: Sequence[Allowance] = ()
    limit_headers: Callable[[Sequence[Window]], Mapping[str, str]] = _says_nothing
    announce: Callable[[State, Athlete, News, Aspect], Awaitable[None]] = field(default=_announces_nothing)


def state_of(request: Request) -> State:
    """The sandbox that serves this request."""
    state: State = request.app.state.sandbox
    return state
