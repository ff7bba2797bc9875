"""Beginning a session or a key while its membership or organization is being changed: whichever comes first, nothing goes
on that should have ended."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from rowhouse.kernel.context import NOBODY, Ctx, Identity, RequestInfo
from rowhouse.kernel.identity.completing import complete_sign_in
from rowhouse.kernel.lifecycle import transitions
from rowhouse.kernel.membership.members import edit_member, remove_member
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.sessions.service import SignedIn
from rowhouse.kernel.work import open_context
from tests.conftest import PASSWORD, Person
from tests.kernel.identity.doubles import bearer
from tests.kernel.membership.fixtures import MakeMember
from tests.kernel.membership.teams import Team, data, refused
from tests.locks import until_it_waits_for

HERE = RequestInfo("test", client_address="2001:db8:88::1")
Verb = Callable[[Ctx, UUID], Awaitable[object]]

VERBS: dict[str, Verb] = {
    "suspend the member": lambda ctx, account: edit_member(ctx, account, role=None, state="suspended"),
    "remove the member": remove_member,
    "suspend the organization": lambda ctx, _: transitions.suspend(ctx, "not paid"),
}


@pytest.fixture(params=VERBS)
def verb(request: pytest.FixtureRequest) -> Verb:
    return VERBS[request.param]


@pytest.fixture
def owner(team: Team, platform: Platform) -> Identity:
    held = platform.registry.permissions_held("owner", None)
    return Identity(
        team.id, team.owner.identity.user_id, team.account_id, role="owner", permissions=frozenset(held)
    )


async def switched(person: Person, account_id: UUID, by: dict[str, str] | None = None) -> dict[str, str]:
    """The person's session as it acts as that account, which their next sign-in does too."""
    body = {"account_id": str(account_id)}
    answer = await person.client.post("/api/v1/auth/switch", json=body, headers=by)
    return bearer(data(answer)["access_token"])


async def test_whoever_ends_a_membership_waits_for_a_sign_in_that_is_not_over(
    platform: Platform, owner: Identity, make_member: MakeMember, verb: Verb
) -> None:
    person, account_id = await make_member("member")
    await switched(person, account_id)
    user_id = person.identity.user_id
    assert user_id is not None

    async def end() -> None:
        async with open_context(platform, owner, HERE) as ctx:
            await verb(ctx, account_id)

    async with open_context(platform, NOBODY, HERE) as signing_in:
        begun = await complete_sign_in(signing_in, user_id, methods=["password"], browser=False, stay=False)
        assert isinstance(begun, SignedIn)
        assert begun.account_id == account_id
        ending = asyncio.create_task(end())
        await until_it_waits_for(ending, signing_in)
        # Otherwise the session is not among those that it has read anew, and stays what its first request finds.
        assert not ending.done()
    await ending
    answer = await person.client.get("/api/v1/auth/me", headers=bearer(begun.access_token))
    assert refused(answer) == (401, "session_ended")


@pytest.mark.parametrize(
    ("way_in", "expected"),
    [
        ("sign in", (403, "no_active_account")),
        ("switch", (404, "not_found")),
        ("make a key", (401, "not_authenticated")),
    ],
)
async def test_what_is_begun_while_a_membership_ends_is_refused(
    platform: Platform,
    owner: Identity,
    make_member: MakeMember,
    verb: Verb,
    way_in: str,
    expected: tuple[int, str],
) -> None:
    person, account_id = await make_member("member")
    there = await switched(person, account_id)
    path, body = {
        "sign in": ("/auth/login", {"email": person.email, "password": PASSWORD}),
        "switch": ("/auth/switch", {"account_id": str(account_id)}),
        "make a key": ("/api-keys", {"name": "Mine", "permissions": ["kernel.organization.read"]}),
    }[way_in]
    if way_in == "switch":
        assert person.identity.account_id is not None
        there = await switched(person, person.identity.account_id, there)
    async with open_context(platform, owner, HERE) as ending:
        await verb(ending, account_id)
        asking = asyncio.create_task(person.client.post(f"/api/v1{path}", json=body, headers=there))
        await until_it_waits_for(asking, ending)
    assert refused(await asking) == expected
