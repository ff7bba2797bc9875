"""The kinds of single things on which an account can be granted permissions; apps register theirs."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:  # contexts stand on the registry, which knows these kinds
    from rowhouse.kernel.context import Ctx

MayGrant = Callable[["Ctx", UUID], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class ResourceKind:
    """`name` is `area.thing`; `permissions` are those that can be granted on one of the kind, each by its full name.

    `may_grant` tells whether the context's account may grant on the thing with this id; for an id that is nobody's or
    another's it says no. A grant opens rows only where the app's own policy says so.
    """

    name: str
    title: str
    permissions: tuple[str, ...]
    may_grant: MayGrant
