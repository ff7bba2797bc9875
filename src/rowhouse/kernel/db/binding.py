"""The tenant's context as PostgreSQL sees it: settings that live and die with one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

COMPARED = ("rowhouse.organization_id", "rowhouse.user_id", "rowhouse.account_id")
"""What policies compare with."""

SETTINGS = (
    *COMPARED,
    "rowhouse.request_id",
    "rowhouse.client_address",
    "rowhouse.user_agent",
    "rowhouse.operator_id",
)

BIND_SQL = "SELECT " + ", ".join(f"set_config('{name}', %s, true)" for name in SETTINGS)
"""Binds all settings for the present transaction; takes the values of `Binding.values()`."""


@dataclass(frozen=True, slots=True)
class Binding:
    """What policies compare with, and what the audit log names besides. An empty context binds empty strings, which
    policies read as NULL: no rows."""

    organization_id: UUID | None = None
    user_id: UUID | None = None
    account_id: UUID | None = None
    request_id: str = ""
    client_address: str = ""
    user_agent: str = ""
    operator_id: UUID | None = None

    def values(self) -> tuple[str, ...]:
        ids = (self.organization_id, self.user_id, self.account_id)
        return (
            *(_text(i) for i in ids),
            self.request_id,
            self.client_address,
            self.user_agent,
            _text(self.operator_id),
        )


def _text(id_: UUID | None) -> str:
    return str(id_) if id_ else ""


def as_binding(info: Mapping[str, object]) -> Binding:
    binding = info.get("binding")
    return binding if isinstance(binding, Binding) else Binding()
