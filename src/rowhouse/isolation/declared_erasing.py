"""What app_admin may delete: of an organization or a person that is erased, and of what was kept long enough."""

import re
from collections.abc import Collection, Mapping

from rowhouse.isolation import declared

ERASED = "({} = ( SELECT app.erasing()))"
OF_ACCOUNT = "((organization_id = ( SELECT app.org())) AND ({} = ( SELECT app.erasing_account())))"
OF_PERSON = "(user_id = ( SELECT app.erasing_person()))"
PERSONS_OWN = "(id = ( SELECT app.erasing_person()))"
OF_ADDRESS = "(email_key = ( SELECT app.erasing_address()))"
"""What app_admin may delete, and count: rows of the one organization that its transaction names, once that is due to be
erased; of the one person, and their account, once theirs has begun. It sees the keys of such rows alone."""

ACCOUNT_COLUMNS = ("athlete_id", "account_id", "granted_by", "accepted_by")
FOUND_BY = frozenset({"organization_id", "user_id", *ACCOUNT_COLUMNS})

RETAINED: Mapping[str, str] = {
    "kernel.jobs": "(finished_at < (now() - '7 days'::interval))",
    "kernel.outbox": "(created_at < (now() - '30 days'::interval))",
    "kernel.sessions": "((ended_at < (now() - '7 days'::interval)) OR (expires_at < (now() - '7 days'::interval)))",
    "kernel.email_codes": "(expires_at < (now() - '1 day'::interval))",
    "kernel.proofs": "(expires_at < (now() - '1 day'::interval))",
    "kernel.invitations": "(expires_at < (now() - '30 days'::interval))",
    "kernel.devices": "(seen_at < (now() - '90 days'::interval))",
    "kernel.security_events": "(created_at < (now() - '90 days'::interval))",
    "kernel.notices": "(created_at < (now() - '30 days'::interval))",
    "kernel.webhook_messages": "(created_at < (now() - '7 days'::interval))",
    "kernel.received_webhooks": "(received_at < (now() - '30 days'::interval))",
    "audit.personal": "(at < (now() - '30 days'::interval))",
}
"""What it may delete of the living besides: what is older than every rule of retention keeps at least."""
AGES: Mapping[str, tuple[str, ...]] = {
    table: tuple(re.findall(r"\((\w+) <", condition)) for table, condition in RETAINED.items()
}

ERASED_MORE: Mapping[str, frozenset[str]] = {
    "kernel.accounts": frozenset({"UPDATE state"}),
    "kernel.invitations": frozenset({"SELECT email_key"}),
}
MADE_NOBODY: Mapping[str, frozenset[str]] = {
    "kernel.users": frozenset(
        {
            *(f"SELECT {column}" for column in ("id", "email_key", "state")),
            *(
                f"UPDATE {column}"
                for column in (
                    "email",
                    "email_key",
                    "name",
                    "password_hash",
                    "state",
                    "email_verified_at",
                    "welcomed_at",
                )
            ),
        }
    )
}
"""A person's row stays as an id without a person, since what others have done names it."""
OUTLIVING = frozenset({"kernel.erasures", "kernel.person_erasures"})
FORGOTTEN = frozenset(
    {"audit.batches", "audit.entries", "audit.links", "audit.personal", "audit.person_keys"}
)
"""Of the audit log, what goes with who is erased."""


def erasable(table: str, columns: Collection[str]) -> str | None:
    """On which condition rows may be deleted by who erases; None for a table whose rows are nobody's or stay."""
    if table == "kernel.organizations":
        return ERASED.format("id")
    if table in OUTLIVING or (table.startswith("audit.") and table not in FORGOTTEN):
        return None
    parts = [ERASED.format("organization_id")] if "organization_id" in columns else []
    parts += [OF_ACCOUNT.format(column) for column in ACCOUNT_COLUMNS if column in columns]
    parts += [OF_PERSON] if "user_id" in columns else []
    parts += [OF_ADDRESS] if table == "kernel.invitations" else []
    if not parts:
        return None
    if table in RETAINED:
        bound = declared.WALLS.get(table, declared.TENANT).kind == "tenant"
        parts.append(
            f"((organization_id = ( SELECT app.org())) AND {RETAINED[table]})" if bound else RETAINED[table]
        )
    return f"({' OR '.join(parts)})" if len(parts) > 1 else parts[0]
