"""A person with accounts in two organizations, for the tests of sessions."""

from dataclasses import replace

from rowhouse.kernel.context import Identity
from rowhouse.kernel.organizations.models import Account
from rowhouse.kernel.platform import Platform
from rowhouse.kit.ids import uuid7
from tests.kernel.identity.doubles import Person, context


async def join(platform: Platform, person: Person, there: Person, role: str = "member") -> Identity:
    """Gives a person an account in another's organization, and returns them as that."""
    joined = replace(
        person.identity,
        organization_id=there.identity.organization_id,
        account_id=uuid7(),
        role=role,
        permissions=platform.registry.permissions_of(role),
    )
    async with context(platform, joined) as ctx:
        ctx.session.add(Account(organization_id=ctx.org, id=ctx.account, user_id=ctx.user, role=role))
    return joined
