"""What a feature declares of its switch, and how the switch stands."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Flag:
    """`name` as in `ROWHOUSE_FEATURE_<NAME>`; `default` where nobody set anything; `meaning` tells operators what it
    switches, and why it is off where it is. `locked`: it stays as it is, whatever anybody sets. `shared`: it can be on
    for a share of the organizations."""

    name: str
    default: bool
    meaning: str
    locked: bool = False
    shared: bool = True


@dataclass(frozen=True, slots=True)
class Switches:
    """What was set: `environment` for this installation, `rollouts` (percent) for shares of the organizations,
    `overrides` for one of them. The last that says anything counts."""

    environment: Mapping[str, bool]
    rollouts: Mapping[str, int]
    overrides: Mapping[str, bool]

    def is_on(self, flag: Flag, organization_id: UUID | None) -> bool:
        if flag.locked:
            return flag.default
        if flag.name in self.overrides:
            return self.overrides[flag.name]
        if flag.name in self.rollouts:
            return share_of(flag.name, organization_id) < self.rollouts[flag.name]
        return self.environment.get(flag.name, flag.default)


def share_of(flag: str, organization_id: UUID | None) -> int:
    """0 to 99, always the same for a flag and an organization: a growing share keeps those that are in it, and each
    flag begins with others. Where there is no organization, a flag is on when it is for all."""
    if organization_id is None:
        return HUNDRED - 1
    digest = hashlib.blake2b(f"{flag} {organization_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % HUNDRED
