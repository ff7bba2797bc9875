"""Why the caller may do what it may: every permission with where it comes from."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # contexts stand on the registry, which stands on permissions
    from rowhouse.kernel.context import Identity


def explain_permissions(identity: "Identity", grants: Mapping[str, Iterable[str]]) -> list[dict[str, str]]:
    """`permission` and `source`, by permission: `role:<name>`, or `key:<id>` for a caller that came by a key; besides
    these `grant:<id>` for what another has granted the account on one thing of theirs. `grants` are those, by id."""
    source = f"role:{identity.role}" if identity.api_key_id is None else f"key:{identity.api_key_id}"
    # A grant opens a thing; whether the caller may do that at all, its role and key say.
    granted = [
        (permission, f"grant:{id_}")
        for id_, permissions in grants.items()
        for permission in permissions
        if permission in identity.permissions
    ]
    held = [(permission, source) for permission in identity.permissions]
    return [{"permission": name, "source": where} for name, where in sorted(held + granted)]
