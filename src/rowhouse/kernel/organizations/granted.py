"""Which grants count, for the questions that PostgreSQL's policies don't answer."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_
from sqlalchemy.orm import InstrumentedAttribute

from rowhouse.kernel.access.models import Grant
from rowhouse.kernel.organizations.models import Account


def counts(organization: Any) -> ColumnElement[bool]:
    """That a grant's end has not come and both its sides are active, as `fitness.granted_athletes` asks: who is
    suspended could neither use one nor take one back. `organization` is the id, or what is bound to it."""
    not_over = or_(Grant.expires_at.is_(None), Grant.expires_at > func.now())
    sides = (_active(organization, side) for side in (Grant.granted_by, Grant.account_id))
    return and_(not_over, *sides)


def _active(organization: Any, side: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    account = (Account.organization_id == organization, Account.id == side, Account.state == "active")
    return exists().where(*account).correlate(Grant)
