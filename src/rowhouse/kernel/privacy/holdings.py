"""What each table holds, and why: declared once, used by exports, erasure, the data-flow page and their tests.

Whose a row is follows from its columns, so that a table which nobody has described yet is exported and erased with
its owner all the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Column, LargeBinary, Table

from rowhouse.kernel.db.models import Model

Whose = Literal["account", "person", "organization", "platform"]

ACCOUNT_COLUMNS = ("athlete_id", "account_id")
PERSON_COLUMN = "user_id"
SELVES = {"kernel.users": "id", "kernel.accounts": "user_id", "kernel.sessions": "user_id"}
"""A person's tables by another column than the plain rule would take."""
TWO_SIDED = {"kernel.grants": ("granted_by",)}
"""Further columns that name an account which the row is about: a grant is its giver's and its taker's."""
MADE_BY = frozenset({"kernel.webhook_endpoints"})
"""An organization's tables whose account only says who set something up: when that person goes, it stays."""
PROOFS = frozenset({"kernel.erasures", "kernel.person_erasures", "audit.beginnings"})
"""What names an organization or a person and outlives them: the proof that they are gone."""
SECRET = ("hash", "digest", "sealed", "secret")
"""Columns that hold these words are credentials: they prove something to us, and say nothing of anybody."""


@dataclass(frozen=True, slots=True)
class Holding:
    """Why one table is there, and where what it holds goes besides. `personal` are its columns with personal data,
    where not all of an owner's are; `omitted` ones are no data of anybody, so exports leave them out."""

    table: str
    why: str
    personal: tuple[str, ...] | None = None
    omitted: tuple[str, ...] = ()
    exported: bool = True
    goes_to: tuple[str, ...] = ()


def whose(table: Table) -> Whose:
    """Whom rows belong to: an account in an organization, a person in all of them, an organization, or nobody."""
    if str(table) in PROOFS:
        return "platform"
    if str(table) in SELVES:
        return "person"
    if str(table) not in MADE_BY and any(column in table.columns for column in ACCOUNT_COLUMNS):
        return "account"
    if PERSON_COLUMN in table.columns:
        return "person"
    if "organization_id" in table.columns or str(table) == "kernel.organizations":
        return "organization"
    return "platform"


def owner_columns(table: Table) -> list[Column[object]]:
    """The columns that name the account or person of a row; only for what is an account's or a person's."""
    if str(table) in SELVES:
        return [table.columns[SELVES[str(table)]]]
    first = next(table.columns[c] for c in (*ACCOUNT_COLUMNS, PERSON_COLUMN) if c in table.columns)
    return [first, *(table.columns[c] for c in TWO_SIDED.get(str(table), ()))]


def tables() -> Iterator[Table]:
    """Every table of every app, each after those that it refers to."""
    yield from Model.metadata.sorted_tables


def is_credential(column: Column[object]) -> bool:
    """Whether a column is a credential, or bytes that mean nothing outside."""
    return isinstance(column.type, LargeBinary) or any(word in column.name for word in SECRET)
