"""Which rows an organization's backup carries.

Everything with its id, and of the people who have accounts in it what is theirs alone (their name, passkeys, known
devices), since an account without its person is nobody's. Not carried: what must not come back to life.
"""

from dataclasses import dataclass
from functools import cache

from sqlalchemy import Table

from rowhouse.kernel.db.models import Model

NOT_CARRIED = {
    "kernel.sessions": "who was signed in then signs in again: an ended session must not come back",
    "kernel.refresh_tokens": "likewise",
    "kernel.proofs": "mailed links and codes of then have ended",
    "kernel.email_codes": "likewise",
    "kernel.person_deletions": "who is to be erased is known here; what was called off must not come back",
    "kernel.person_erasures": "who was erased stays on record here",
    "kernel.exports": "files made for an account have gone with their days",
    "kernel.erasures": "what was erased stays on record here, whatever comes back",
}
"""The audit log is not carried either: the living chain goes on, and a restored one would be a cut one."""


@dataclass(frozen=True, slots=True)
class Carried:
    """One table and the condition that picks its rows; `%(org)s` is the organization."""

    table: str
    condition: str
    key: tuple[str, ...]
    personal: bool


@cache
def carried_tables() -> tuple[Carried, ...]:
    """Every table with an organization's or its people's rows, each after those that it refers to."""
    return tuple(found for table in Model.metadata.sorted_tables if (found := _carried(table)))


def _carried(table: Table) -> Carried | None:
    name, columns = str(table), table.columns
    if name in NOT_CARRIED or table.schema == "audit":
        return None
    key = tuple(column.name for column in table.primary_key.columns)
    people = "(SELECT user_id FROM kernel.accounts WHERE organization_id = %(org)s)"
    if name == "kernel.organizations":
        return Carried(name, "id = %(org)s", key, personal=False)
    if "organization_id" in columns:
        return Carried(name, "organization_id = %(org)s", key, personal=False)
    if name == "kernel.users":
        return Carried(name, f"id IN {people}", key, personal=True)
    if "user_id" in columns:
        return Carried(name, f"user_id IN {people}", key, personal=True)
    return None
