"""What happens when an organization changes its state: steps that features declare and a record follows."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # contexts stand on the registry, which stands on this
    from rowhouse.kernel.context import Ctx

Transition = Literal["provision", "suspend", "resume", "delete", "restore", "erase"]
Run = Callable[["Ctx"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class LifecycleStep:
    """One step of a transition, in a transaction of the organization's context.

    It may be run again after a crash, so running it twice comes to the same. Steps run in the order of their
    declaration, the kernel's first: those `at_once` in the transaction that changes the state, the others soon after
    in a job that tries again, later each time. When one can't be finished, those before it are undone by their
    `compensate`, the last first. An organization is active once the last of `provision` is done. Steps of `erase` run before the organization's rows are deleted.
    """

    name: str
    transition: Transition
    run: Run
    compensate: Run | None = None
    at_once: bool = False
