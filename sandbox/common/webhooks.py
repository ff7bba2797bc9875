"""Events on their way to applications: signed, tried again, and where a switch says so doubled, lost or mixed up."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx

from sandbox.common.faults import of_webhooks
from sandbox.common.state import State
from sandbox.world.chance import draws

FIRST_WAIT_S = 0.3
"""Before the second try, doubled for each further one: a real provider waits minutes."""
MIXING_S = 0.5
PATIENCE = 1.0
"""How many times as long as the real provider it waits for an answer, where a busy machine is to double nothing."""

Signed = Callable[[bytes, float], Mapping[str, str]]


def unsigned(_body: bytes, _now: float) -> Mapping[str, str]:
    """Of providers whose events carry no signature."""
    return {}


@dataclass(frozen=True, slots=True)
class Event:
    """One delivery. `signed` gives the headers for a body that is sent now; `tries` is the provider's bound."""

    provider: str
    url: str
    body: bytes
    signed: Signed = unsigned
    content_type: str = "application/json"
    timeout_s: float = 2.0
    tries: int = 3


def post(state: State, event: Event) -> None:
    """Sends it soon; `state.outbox.settled()` waits for its end."""
    way, outbox = of_webhooks(state, event.provider), state.outbox
    outbox.number += 1
    if draws("lose", event.provider, outbox.number).random() < way.lose:
        _write_down(state, event, 0, "lost")
        return
    for _ in range(2 if way.duplicate else 1):
        if not way.reorder:
            outbox.start(_deliver(state, event))
            continue
        outbox.held.append(event)
        if len(outbox.held) == 1:
            outbox.start(_mixed(state))


async def _mixed(state: State) -> None:
    """What gathers in a while, in another order, one after the other."""
    await asyncio.sleep(MIXING_S)
    held, state.outbox.held = state.outbox.held, []
    mixed = list(reversed(held[1:])) + held[:1]
    for event in mixed:
        await _deliver(state, event)


async def _deliver(state: State, event: Event) -> None:
    for number in range(1, event.tries + 1):
        headers = {"content-type": event.content_type, **event.signed(event.body, state.now())}
        try:
            answer = await state.http.post(
                event.url, content=event.body, headers=headers, timeout=event.timeout_s * PATIENCE
            )
        except httpx.HTTPError as error:
            _write_down(state, event, number, type(error).__name__)
        else:
            _write_down(state, event, number, answer.status_code)
            if answer.is_success:
                return
        if number < event.tries:
            await asyncio.sleep(FIRST_WAIT_S * 2 ** (number - 1))


def _write_down(state: State, event: Event, number: int, outcome: int | str) -> None:
    state.deliveries.append(
        {
            "at": state.now(),
            "provider": event.provider,
            "url": event.url,
            "try": number,
            "outcome": outcome,
            "body": event.body.decode(),
        }
    )
