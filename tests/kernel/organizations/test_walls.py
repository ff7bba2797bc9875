"""What one person or organization can see and write of another's: nothing, by PostgreSQL's word."""

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import IntegrityError, ProgrammingError

from rowhouse.kernel.context import NOBODY, Identity
from rowhouse.kernel.identity.models import EmailCode, User
from rowhouse.kernel.organizations.models import Account, Organization
from rowhouse.kernel.organizations.service import list_own_accounts
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.sessions.models import RefreshToken, Session
from rowhouse.kernel.tokens.models import SigningKey
from rowhouse.kit.ids import uuid7
from tests.kernel.identity.doubles import Caller, Person, context
from tests.kernel.identity.fixtures import MakePerson

WALLED = (User, Organization, Account, Session, RefreshToken, EmailCode)


async def test_without_a_context_there_is_nothing(platform: Platform, caller: Caller, person: Person) -> None:
    await caller.sign_in(person.email)
    async with context(platform, NOBODY) as ctx:
        for model in WALLED:
            assert await ctx.session.scalar(select(func.count()).select_from(model)) == 0


async def test_one_sees_oneself_alone(platform: Platform, caller: Caller, make_person: MakePerson) -> None:
    ada, eve = await make_person(), await make_person()
    for person in (ada, eve):
        await caller.sign_in(person.email)
    async with context(platform, ada.identity) as ctx:
        assert (await ctx.session.scalars(select(User.id))).all() == [ada.identity.user_id]
        assert (await ctx.session.scalars(select(Organization.id))).all() == [ada.identity.organization_id]
        assert (await ctx.session.scalars(select(Account.id))).all() == [ada.identity.account_id]
        assert (await ctx.session.scalars(select(Session.user_id))).all() == [ada.identity.user_id]
        assert [account.id for account in await list_own_accounts(ctx)] == [ada.identity.account_id]


async def test_writing_reaches_nobody_else(platform: Platform, make_person: MakePerson) -> None:
    ada, eve = await make_person(), await make_person()
    async with context(platform, eve.identity) as ctx:
        for model in (User, Organization, Account):
            await ctx.session.execute(update(model).values(state="suspended"))
    async with context(platform, ada.identity) as ctx:
        for model in (User, Organization, Account):
            assert (await ctx.session.scalars(select(model.state))).all() == ["active"]


async def test_accounts_elsewhere_are_seen_and_not_written(
    platform: Platform, make_person: MakePerson
) -> None:
    ada, team = await make_person(), await make_person(organization="Otters")
    joined = Identity(team.identity.organization_id, ada.identity.user_id, uuid7(), role="member")
    async with context(platform, joined) as ctx:
        ctx.session.add(Account(organization_id=ctx.org, id=ctx.account, user_id=ctx.user, role="member"))
    async with context(platform, ada.identity) as ctx:
        accounts = await list_own_accounts(ctx)
        assert {account.organization_name for account in accounts} == {"Ada Byron", "Otters"}
        assert set((await ctx.session.scalars(select(Account.id))).all()) == {
            account.id for account in accounts
        }
        await ctx.session.execute(update(Account).values(role="owner"))
    async with context(platform, joined) as ctx:
        role = await ctx.session.scalar(select(Account.role).where(Account.id == joined.account_id))
    assert role == "member"


async def test_nobody_writes_an_account_into_anothers_organization(
    platform: Platform, make_person: MakePerson
) -> None:
    ada, eve = await make_person(), await make_person()
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with context(platform, eve.identity) as ctx:
            await ctx.session.execute(
                insert(Account).values(
                    organization_id=ada.identity.organization_id, id=uuid7(), user_id=ctx.user, role="owner"
                )
            )


async def test_a_session_cannot_act_as_an_account_of_another_organization(
    platform: Platform, make_person: MakePerson
) -> None:
    ada, eve = await make_person(), await make_person()
    with pytest.raises(IntegrityError):
        async with context(platform, eve.identity) as ctx:
            await ctx.session.execute(
                insert(Session).values(
                    user_id=ctx.user,
                    id=uuid7(),
                    organization_id=ctx.org,
                    account_id=ada.identity.account_id,
                    stay=False,
                    client_address="",
                    user_agent="",
                    expires_at=func.now(),
                    renewed_at=func.now(),
                )
            )


async def test_a_session_for_somebody_elses_account_resolves_to_nothing(
    platform: Platform, make_person: MakePerson
) -> None:
    """Even a row written against all rules, with a true account of another person, signs nobody in."""
    ada, eve = await make_person(), await make_person()
    forged = uuid7()
    async with context(platform, eve.identity) as ctx:
        await ctx.session.execute(
            insert(Session).values(
                user_id=ctx.user,
                id=forged,
                organization_id=ada.identity.organization_id,
                account_id=ada.identity.account_id,
                stay=False,
                client_address="",
                user_agent="",
                expires_at=text("now() + interval '1 hour'"),
                renewed_at=func.now(),
            )
        )
        assert (
            await ctx.session.execute(text("SELECT * FROM resolve.session(:id)"), {"id": forged})
        ).all() == []


async def test_the_application_makes_no_signing_keys(platform: Platform, person: Person) -> None:
    for statement in (
        insert(SigningKey).values(kid="mine", public_pem="", private_pem_sealed=""),
        update(SigningKey).values(retired_at=None),
    ):
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with context(platform, person.identity) as ctx:
                await ctx.session.execute(statement)


async def test_stamps_are_the_databases(platform: Platform, person: Person) -> None:
    async with context(platform, person.identity) as ctx:
        await ctx.session.execute(
            update(Organization).values(
                name="Otters", created_by=uuid7(), updated_by=uuid7(), created_at=text("'epoch'")
            )
        )
    async with context(platform, person.identity) as ctx:
        organization = (await ctx.session.scalars(select(Organization))).one()
    assert organization.created_by == organization.updated_by == person.identity.account_id
    assert organization.updated_at > organization.created_at
    assert organization.created_at.year > 2000
