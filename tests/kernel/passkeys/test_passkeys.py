"""Passkeys over HTTP, with an authenticator in software."""

import asyncio
import copy
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from rowhouse.kernel.context import NOBODY, Identity
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.identity.models import User
from rowhouse.kernel.passkeys.assertions import verify_assertion
from rowhouse.kernel.passkeys.challenges import relying_party
from rowhouse.kernel.passkeys.models import Passkey
from rowhouse.kernel.passkeys.service import MOST
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.sessions.models import Session
from rowhouse.kit.ids import uuid7
from tests.conftest import MakePerson, Person, api_on
from tests.generators.authenticator import Authenticator, encode
from tests.kernel.identity.doubles import context, refusals

PASSKEYS = "/api/v1/auth/passkeys"


@pytest.fixture
def device(platform: Platform) -> Authenticator:
    return Authenticator(platform.settings.public_url)


@pytest.fixture
async def narrow(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a process that has one connection."""
    assert platform.settings.database_url is not None
    database = Database(platform.settings.database_url.get_secret_value(), pool_size=1)
    transport = httpx.ASGITransport(app=api_on(replace(platform, database=database)))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        yield client
    await database.close()


async def options(client: httpx.AsyncClient, path: str = "/sign-in/options") -> dict[str, Any]:
    answer = await client.post(PASSKEYS + path)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]["options"]
    return found


async def add(person: Person, device: Authenticator, name: str = "Phone", **more: Any) -> httpx.Response:
    credential = device.create(await options(person.client, "/options"), **more)
    return await person.client.post(PASSKEYS, json={"name": name, "credential": credential})


async def sign_in(client: httpx.AsyncClient, credential: Any, **more: Any) -> httpx.Response:
    return await client.post(f"{PASSKEYS}/sign-in", json={"credential": credential, **more})


def said(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def events(person: Person) -> list[str]:
    """Security events about passkeys, the newest first."""
    answer = await person.client.get("/api/v1/auth/security-events")
    return [kind for one in answer.json()["data"] if (kind := one["kind"]).startswith("passkey")]


async def test_a_passkey_signs_in_without_a_name(
    person: Person, client: httpx.AsyncClient, device: Authenticator
) -> None:
    assert (await add(person, device)).status_code == 201
    answer = await sign_in(client, device.get(await options(client)))
    assert answer.status_code == 200, answer.text
    data = answer.json()["data"]
    assert data["account"]["id"] == str(person.identity.account_id)
    me = await client.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {data['access_token']}"})
    assert me.json()["data"]["user"]["email"] == person.email


async def test_it_counts_as_a_recent_proof_by_a_strong_method(
    person: Person, client: httpx.AsyncClient, device: Authenticator, platform: Platform
) -> None:
    await add(person, device)
    data = (await sign_in(client, device.get(await options(client)))).json()["data"]
    claims = await platform.tokens.verify(data["access_token"])
    async with context(platform, person.identity) as ctx:
        session = (
            await ctx.session.execute(select(Session).where(Session.id == claims.session_id))
        ).scalar_one()
    assert session.methods == ["passkey"]
    assert session.authenticated_at is not None


async def test_a_browser_gets_cookies_alone(
    person: Person, client: httpx.AsyncClient, device: Authenticator
) -> None:
    await add(person, device)
    answer = await sign_in(client, device.get(await options(client)), cookies=True)
    assert answer.json()["data"]["access_token"] is None
    assert "__Host-rowhouse_access" in answer.headers["set-cookie"]


async def test_options_are_what_browsers_take(person: Person, client: httpx.AsyncClient) -> None:
    creation = await options(person.client, "/options")
    assert {"rp", "user", "challenge", "pubKeyCredParams", "authenticatorSelection"} <= creation.keys()
    assert creation["authenticatorSelection"]["residentKey"] == "required"
    assert creation["authenticatorSelection"]["userVerification"] == "required"
    assert creation["user"]["name"] == person.email
    request = await options(client)
    assert request["userVerification"] == "required"
    assert not request.get("allowCredentials")


async def test_they_are_listed_renamed_and_deleted(
    person: Person, client: httpx.AsyncClient, device: Authenticator
) -> None:
    made = (await add(person, device)).json()["data"]
    listed = (await person.client.get(PASSKEYS)).json()["data"]
    assert [(one["id"], one["name"], one["last_used_at"]) for one in listed] == [(made["id"], "Phone", None)]
    await sign_in(client, device.get(await options(client)))
    renamed = await person.client.patch(f"{PASSKEYS}/{made['id']}", json={"name": "Ada's phone"})
    assert renamed.json()["data"]["name"] == "Ada's phone"
    assert renamed.json()["data"]["last_used_at"] is not None
    assert (await person.client.delete(f"{PASSKEYS}/{made['id']}")).status_code == 204
    assert (await person.client.get(PASSKEYS)).json()["data"] == []
    assert said(await sign_in(client, device.get(await options(client)))) == (401, "passkey_refused")
    assert await events(person) == ["passkey_removed", "passkey_added"]


async def test_adding_and_deleting_want_a_recent_proof(
    person: Person, device: Authenticator, platform: Platform
) -> None:
    made = (await add(person, device)).json()["data"]
    claims = await platform.tokens.verify(person.client.headers["Authorization"].removeprefix("Bearer "))
    async with context(platform, person.identity) as ctx:
        await ctx.session.execute(
            update(Session).where(Session.id == claims.session_id).values(authenticated_at=None)
        )
    await platform.redis.delete(f"session:{claims.session_id}")
    for method, path in (("POST", "/options"), ("POST", ""), ("DELETE", f"/{made['id']}")):
        answer = await person.client.request(method, PASSKEYS + path)
        assert said(answer) == (403, "step_up_required"), path


async def test_a_challenge_works_once(
    person: Person, client: httpx.AsyncClient, device: Authenticator
) -> None:
    await add(person, device)
    credential = device.get(await options(client))
    answers = await asyncio.gather(*(sign_in(client, credential) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401]


async def test_a_registration_belongs_to_its_session(make_person: MakePerson, device: Authenticator) -> None:
    one, other = await make_person(), await make_person()
    credential = device.create(await options(one.client, "/options"))
    answer = await other.client.post(PASSKEYS, json={"name": "Mine", "credential": credential})
    assert said(answer) == (422, "passkey_unfit")
    again = await one.client.post(PASSKEYS, json={"name": "Late", "credential": credential})
    assert said(again) == (422, "passkey_unfit")


async def test_challenges_are_for_their_purpose(
    person: Person, client: httpx.AsyncClient, device: Authenticator
) -> None:
    await add(person, device)
    registering = await options(person.client, "/options")
    wrong = {"challenge": registering["challenge"], "rpId": registering["rp"]["id"]}
    assert said(await sign_in(client, device.get(wrong))) == (401, "passkey_refused")


async def test_another_origin_and_an_unverified_person_are_refused(
    person: Person, client: httpx.AsyncClient, device: Authenticator
) -> None:
    await add(person, device)
    phished = device.get(await options(client), origin="https://rowhouse.example.evil")
    assert said(await sign_in(client, phished)) == (401, "passkey_refused")
    device.verifies = False
    assert said(await sign_in(client, device.get(await options(client)))) == (401, "passkey_refused")
    refused = await add(person, Authenticator(device.origin, verifies=False))
    assert said(refused) == (422, "passkey_unfit")


async def test_a_clone_is_refused_and_told(
    person: Person, client: httpx.AsyncClient, device: Authenticator
) -> None:
    await add(person, device)
    clone = copy.copy(device)
    assert (await sign_in(client, device.get(await options(client)))).status_code == 200
    assert said(await sign_in(client, clone.get(await options(client)))) == (401, "passkey_refused")
    assert (await events(person))[0] == "passkey_cloned"


async def test_a_stranger_raises_no_alarm_and_is_in_the_log(
    person: Person, client: httpx.AsyncClient, device: Authenticator, platform: Platform
) -> None:
    await add(person, device)
    forged = device.get(await options(client))
    forged["response"]["signature"] = encode(b"\x30\x06\x02\x01\x01\x02\x01\x01")
    assert said(await sign_in(client, forged)) == (401, "passkey_refused")
    assert await events(person) == ["passkey_added"]
    assert await refusals(platform, person.identity) == [("identity.sign_in", {"method": "passkey"})]


async def test_a_synced_passkey_counts_nothing(
    person: Person, client: httpx.AsyncClient, device: Authenticator
) -> None:
    device.counts = False
    await add(person, device)
    for _ in range(2):
        assert (await sign_in(client, device.get(await options(client)))).status_code == 200


async def test_anothers_credential_id_tells_and_opens_nothing(
    make_person: MakePerson, client: httpx.AsyncClient, device: Authenticator
) -> None:
    """Somebody who knows an id registers it for themselves: taken like any other, and each signs in as themselves."""
    victim, thief = await make_person(), await make_person()
    await add(victim, device)
    own = Authenticator(device.origin)
    assert (await add(thief, own, credential_id=device.credentials[0].id)).status_code == 201
    for person, theirs in ((victim, device), (thief, own)):
        data = (await sign_in(client, theirs.get(await options(client)))).json()["data"]
        assert data["account"]["id"] == str(person.identity.account_id)
    crossed = own.get(await options(client))
    crossed["response"]["userHandle"] = encode(
        victim.identity.user_id.bytes if victim.identity.user_id else b""
    )
    assert said(await sign_in(client, crossed)) == (401, "passkey_refused")


async def test_the_same_passkey_twice_is_known(person: Person, device: Authenticator) -> None:
    await add(person, device)
    again = Authenticator(device.origin)
    answer = await add(person, again, credential_id=device.credentials[0].id)
    assert said(answer) == (409, "passkey_known")


async def test_there_are_twenty_at_most(person: Person, device: Authenticator, platform: Platform) -> None:
    async with context(platform, person.identity) as ctx:
        for number in range(MOST):
            ctx.session.add(
                Passkey(
                    user_id=ctx.user,
                    name=str(number),
                    credential_id=uuid7().bytes,
                    public_key=b"x",
                    sign_count=0,
                    transports=[],
                    synced=False,
                )
            )
    answer = await person.client.post(f"{PASSKEYS}/options")
    assert said(answer) == (409, "too_many_passkeys")


async def test_a_suspended_person_stays_out(
    person: Person, client: httpx.AsyncClient, device: Authenticator, platform: Platform
) -> None:
    await add(person, device)
    async with context(platform, person.identity) as ctx:
        await ctx.session.execute(update(User).where(User.id == ctx.user).values(state="suspended"))
    assert said(await sign_in(client, device.get(await options(client)))) == (401, "passkey_refused")


async def test_it_proves_its_own_person_alone(
    make_person: MakePerson, client: httpx.AsyncClient, device: Authenticator, platform: Platform
) -> None:
    """What a second factor and a step-up ask."""
    one, other = await make_person(), await make_person()
    await add(one, device)
    assert one.identity.user_id
    assert other.identity.user_id
    async with context(platform, NOBODY) as ctx:
        assert await verify_assertion(ctx, one.identity.user_id, device.get(await options(client)))
        assert not await verify_assertion(ctx, other.identity.user_id, device.get(await options(client)))


async def test_it_steps_up(person: Person, client: httpx.AsyncClient, device: Authenticator) -> None:
    await add(person, device)
    credential = device.get(await options(client))
    answer = await person.client.post("/api/v1/auth/step-up", json={"passkey": credential})
    assert answer.status_code == 200, answer.text
    again = await person.client.post("/api/v1/auth/step-up", json={"passkey": credential})
    assert again.status_code == 401, again.text


async def test_it_is_the_second_factor_of_a_password(
    person: Person, device: Authenticator, narrow: httpx.AsyncClient
) -> None:
    """Nor does any step wait for a connection while it holds one: many at once would wait for each other."""
    from tests.conftest import PASSWORD

    await add(person, device)
    first = await narrow.post("/api/v1/auth/login", json={"email": person.email, "password": PASSWORD})
    assert said(first) == (401, "mfa_required")
    proof = {"mfa_token": first.json()["mfa_token"], "passkey": device.get(await options(narrow))}
    answer = await narrow.post("/api/v1/auth/mfa/verify", json=proof)
    assert answer.status_code == 200, answer.text


async def test_nothing_secret_is_kept(person: Person, device: Authenticator, platform: Platform) -> None:
    await add(person, device)
    async with context(platform, Identity(user_id=person.identity.user_id)) as ctx:
        kept = (await ctx.session.execute(text("SELECT p::text FROM kernel.passkeys p"))).scalars().all()
    number = device.credentials[0].key.private_numbers().private_value
    assert len(kept) == 1
    assert f"{number:064x}" not in kept[0]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    junk=st.dictionaries(
        st.sampled_from(["id", "rawId", "clientDataJSON", "authenticatorData", "signature", "userHandle"]),
        st.one_of(st.text(max_size=40), st.binary(max_size=60).map(encode)),
    )
)
async def test_nonsense_is_refused_and_never_an_error(
    client: httpx.AsyncClient, person: Person, device: Authenticator, junk: dict[str, str]
) -> None:
    if not device.credentials:
        await add(person, device)
    credential = device.get(await options(client))
    for name, value in junk.items():
        (credential if name in credential else credential["response"])[name] = value
    answer = await sign_in(client, credential)
    assert answer.status_code in ((401, 422) if junk else (200,)), answer.text


def test_the_relying_party_follows_the_public_url(platform: Platform) -> None:
    live = platform.settings.model_copy(update={"public_url": "https://app.rowhouse.example/"})
    assert relying_party(live) == ("app.rowhouse.example", ["https://app.rowhouse.example"])
    local = platform.settings.model_copy(update={"public_url": "http://127.0.0.1:8123"})
    assert relying_party(local) == ("localhost", ["http://127.0.0.1:8123", "http://localhost:8123"])
