"""What an event is, and what it means to subscribe to one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from uuid import UUID

from pydantic import TypeAdapter

if TYPE_CHECKING:  # contexts stand on the registry, which stands on this
    from rowhouse.kernel.context import Ctx


@dataclass(frozen=True)
class Event:
    """Something that happened, named in the past tense: a frozen dataclass of JSON-like values.

    `type` is stable (`fitness.workout_changed`): stored events outlive the class. `aggregate_id` is the thing it
    happened to; events of one thing are handled in order.
    """

    type: ClassVar[str]
    aggregate_id: UUID


E = TypeVar("E", bound=Event)
Handler = Callable[["Ctx", E], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Subscription:
    """A handler of one type of event under a stable name, as the app declares it."""

    name: str
    event: type[Event]
    handler: Callable[["Ctx", Any], Awaitable[None]]


def on(event: type[E], name: str) -> Callable[[Handler[E]], Subscription]:
    """Makes a function the handler of an event.

    It runs in a job, in a transaction on behalf of the account that caused the event; what it writes there happens
    exactly once. What it does outside the database can happen again. After eight failures, ever further apart, the
    delivery is a dead letter, and later events of the same thing go on without it.
    """

    def subscribe(handler: Handler[E]) -> Subscription:
        return Subscription(name, event, handler)

    return subscribe


def to_payload(event: Event) -> dict[str, Any]:
    payload: dict[str, Any] = _adapter(type(event)).dump_python(event, mode="json")
    return payload


def from_payload(event: type[Event], payload: dict[str, Any]) -> Event:
    return _adapter(event).validate_python(payload)


def _adapter(event: type[Event]) -> TypeAdapter[Event]:
    adapter = _adapters.get(event)
    if adapter is None:
        adapter = _adapters[event] = TypeAdapter(event)
    return adapter


_adapters: dict[type[Event], TypeAdapter[Event]] = {}
