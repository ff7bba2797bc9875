"""Tokens of an outside identity provider at the edge, in the shape of Frontegg's."""

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import jwt
import orjson
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import select, text, update

from rowhouse.kernel.context import Identity
from rowhouse.kernel.federation import key_sets
from rowhouse.kernel.federation.webhooks import handle
from rowhouse.kernel.lifecycle import transitions
from rowhouse.kernel.organizations.models import Account, Organization
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.sessions.presence import end_presence, presences_of_organization, renew_presence
from rowhouse.kernel.webhooks.incoming.provider import Notice
from rowhouse.kit.time import now
from tests.conftest import Person
from tests.generators.provider import Key, Provider
from tests.kernel.federation.conftest import AUTH, Configure
from tests.kernel.identity.doubles import Mailbox, context
from tests.kernel.lifecycle.staging import Stage
from tests.locks import until_it_waits_for

ROLES = {"Admin": "admin", "Read Only": "viewer"}


@dataclass
class Tenant:
    """An organization that the provider knows, and somebody in it."""

    app: FastAPI
    provider: Provider
    id: str
    organization: Identity
    subject: str = field(default_factory=lambda: secrets.token_hex(6))

    def claims(self, **more: Any) -> dict[str, Any]:
        moment = int(time.time())
        return {
            "iss": self.provider.url,
            "aud": "rowhouse-app",
            "sub": self.subject,
            "tenantId": self.id,
            "roles": ["Admin"],
            "email": f"{self.subject}@example.org",
            "email_verified": True,
            "name": "Ada Byron",
            "sid": "sign-in-1",
            "iat": moment,
            "exp": moment + 60,
        } | more

    def token(self, **more: Any) -> str:
        return self.provider.keys[0].sign(self.claims(**more))

    async def get(self, token: str, path: str = f"{AUTH}/me", method: str = "GET") -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app, client=("198.51.100.9", 40000))
        async with httpx.AsyncClient(transport=transport, base_url="https://rowhouse.test") as client:
            return await client.request(method, path, headers={"Authorization": f"Bearer {token}"})

    async def me(self, **more: Any) -> Any:
        answer = await self.get(self.token(**more))
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def refused(self, token: str | None = None, **more: Any) -> tuple[int, str]:
        answer = await self.get(token if token is not None else self.token(**more))
        return answer.status_code, answer.json()["code"]


@pytest.fixture
async def tenant(configure: Configure, provider: Provider, person: Person, platform: Platform) -> Tenant:
    app = configure(
        idp_provider="frontegg",
        idp_issuer=provider.url,
        idp_jwks_url=f"{provider.url}/jwks",
        idp_audience="rowhouse-app",
        idp_roles=ROLES,
    )
    known = f"tenant-{secrets.token_hex(6)}"
    async with context(platform, person.identity) as ctx:
        await ctx.session.execute(
            update(Organization).where(Organization.id == ctx.org).values(external_id=known)
        )
    return Tenant(app, provider, known, person.identity)


async def test_a_token_is_a_sign_in(tenant: Tenant, mailbox: Mailbox) -> None:
    me = await tenant.me()
    assert me["account"]["organization_id"] == str(tenant.organization.organization_id)
    assert me["account"]["role"] == "admin"
    assert me["user"]["email"] == f"{tenant.subject}@example.org"
    assert me["permissions"]
    assert await tenant.me() == me
    assert mailbox.to(me["user"]["email"]) == ["welcome"]


async def test_it_is_a_session_like_any_other(tenant: Tenant) -> None:
    """Listed, ended, and then refused, until its person signs in anew over there."""
    await tenant.me()
    [session] = (await tenant.get(tenant.token(), f"{AUTH}/sessions")).json()["data"]
    assert session["current"] is True
    assert (await tenant.get(tenant.token(), f"{AUTH}/logout", "POST")).status_code == 204
    assert await tenant.refused() == (401, "session_ended")
    assert (await tenant.me(sid="sign-in-2"))["account"]["role"] == "admin"


async def test_without_a_named_sign_in_a_later_token_begins_anew(tenant: Tenant, platform: Platform) -> None:
    """A provider that names no sign-in would otherwise keep its people out for ever."""
    await tenant.me(sid=None)
    token = tenant.token(sid=None)
    session = (await tenant.get(token, f"{AUTH}/sessions")).json()["data"][0]
    before = int(time.time()) - 5
    assert (await tenant.get(token, f"{AUTH}/logout", "POST")).status_code == 204
    await platform.redis.delete(f"session:{session['id']}")
    assert await tenant.refused(sid=None, iat=before) == (401, "session_ended")
    await platform.redis.delete(f"session:{session['id']}")
    await tenant.me(sid=None, iat=int(time.time()) + 2)


async def test_many_first_requests_are_one_person(tenant: Tenant, platform: Platform) -> None:
    token = tenant.token()
    answers = await asyncio.gather(*(tenant.get(token) for _ in range(8)))
    assert [answer.status_code for answer in answers] == [200] * 8
    assert len({answer.json()["data"]["account"]["id"] for answer in answers}) == 1


@pytest.mark.parametrize(
    ("said", "role"),
    [
        (["Read Only"], "viewer"),
        (["Read Only", "Admin"], "admin"),
        ("Admin", "admin"),
        (["Unheard Of"], "viewer"),
        ([], "viewer"),
        (None, "viewer"),
        ({"Admin": True}, "viewer"),
        (["owner"], "viewer"),
    ],
    ids=str,
)
async def test_roles_are_mapped(tenant: Tenant, said: Any, role: str) -> None:
    assert (await tenant.me(roles=said))["account"]["role"] == role


async def test_a_role_that_was_taken_is_gone_for_older_tokens_too(tenant: Tenant) -> None:
    moment = int(time.time())
    before = await tenant.me(iat=moment - 20)
    after = await tenant.me(iat=moment, roles=["Read Only"])
    assert (before["account"]["id"], after["account"]["role"]) == (after["account"]["id"], "viewer")
    old = await tenant.me(iat=moment - 20)
    assert old["account"]["role"] == "viewer"
    assert (await tenant.me(iat=moment + 1))["account"]["role"] == "admin"


async def test_an_owner_stays_one(tenant: Tenant, person: Person, platform: Platform) -> None:
    """Who owns the organization here is not the provider's to say."""
    async with context(platform, person.identity) as ctx:
        await ctx.session.execute(
            text(
                "INSERT INTO kernel.external_identities (user_id, id, issuer, subject)"
                " VALUES (:user, gen_random_uuid(), :issuer, :subject)"
            ),
            {"user": ctx.user, "issuer": tenant.provider.url, "subject": tenant.subject},
        )
    me = await tenant.me(roles=["Read Only"])
    assert me["account"]["role"] == "viewer"
    assert {one["role"] for one in me["accounts"]} == {"owner", "viewer"}


async def test_an_unknown_tenant_is_refused(tenant: Tenant) -> None:
    assert await tenant.refused(tenantId="nobody") == (403, "idp_tenant_unknown")
    for tenant_id in (None, "", 7, ["x"]):
        assert await tenant.refused(tenantId=tenant_id) == (403, "idp_tenant_unknown")


async def test_a_suspended_organization_and_member_stay_out(tenant: Tenant, platform: Platform) -> None:
    me = await tenant.me()
    account = Account.id == me["account"]["id"]
    for state in ("suspended", "removed"):
        async with context(platform, tenant.organization) as ctx:
            mine = Account.organization_id == ctx.org
            await ctx.session.execute(update(Account).where(mine, account).values(state=state))
            await renew_presence(platform.redis, *await presences_of_organization(ctx))
        assert await tenant.refused() in ((401, "session_ended"), (403, "idp_member_inactive"))
        assert await tenant.refused(sid="another", roles=["Read Only"]) == (403, "idp_member_inactive")
    async with context(platform, tenant.organization) as ctx:
        await ctx.session.execute(
            update(Organization)
            .where(Organization.id == ctx.org)
            .values(state="suspended", suspended_reason="unpaid")
        )
    assert await tenant.refused(sid="a third") == (403, "idp_tenant_inactive")


async def test_a_tenant_that_is_set_up_lets_in_once_it_is(tenant: Tenant, stage: Stage) -> None:
    tenant.id = f"tenant-{secrets.token_hex(6)}"
    created = {"eventKey": "frontegg.tenant.created", "tenantId": tenant.id}
    async with context(stage.platform, Identity()) as ctx:
        assert (
            await handle(ctx, Notice("1", "tenant.created", orjson.dumps(created), bound=True)) == "accepted"
        )
    assert await tenant.refused() == (403, "organization_provisioning")
    await stage.work()
    assert (await tenant.me())["organization"]["state"] == "active"


async def test_nobody_is_admitted_while_the_organization_is_being_suspended(
    tenant: Tenant, platform: Platform
) -> None:
    async with context(platform, tenant.organization) as ending:
        await transitions.suspend(ending, "unpaid")
        asking = asyncio.create_task(tenant.refused())
        await until_it_waits_for(asking, ending)
    assert await asking == (403, "idp_tenant_inactive")


async def test_an_address_takes_nobody_over(tenant: Tenant, person: Person) -> None:
    assert await tenant.refused(email=person.email) == (403, "oauth_email_taken")
    assert await tenant.refused(email_verified=False) == (403, "oauth_email_unverified")


async def test_unless_its_domain_is_trusted(configure: Configure, tenant: Tenant, person: Person) -> None:
    tenant.app = configure(
        idp_provider="frontegg",
        idp_issuer=tenant.provider.url,
        idp_jwks_url=f"{tenant.provider.url}/jwks",
        idp_audience="rowhouse-app",
        idp_roles=ROLES,
        idp_trusted_domains="example.com, example.org",
    )
    me = await tenant.me(email=person.email)
    assert me["user"]["id"] == str(person.identity.user_id)


@pytest.mark.parametrize(
    ("lie", "code"),
    [
        ({"aud": "another-app"}, "idp_token_invalid"),
        ({"aud": None}, "idp_token_invalid"),
        ({"exp": None}, "idp_token_invalid"),
        ({"exp": 1}, "idp_token_expired"),
        ({"iat": None}, "idp_token_invalid"),
        ({"iat": 4_000_000_000}, "idp_token_invalid"),
        ({"nbf": 4_000_000_000}, "idp_token_invalid"),
        ({"sub": None}, "idp_token_invalid"),
        ({"sub": ""}, "idp_token_invalid"),
        ({"iss": "https://app.frontegg.example"}, "token_invalid"),
        ({"iss": None}, "token_invalid"),
    ],
    ids=str,
)
async def test_a_false_token_is_refused(tenant: Tenant, lie: dict[str, Any], code: str) -> None:
    said = {name: value for name, value in tenant.claims(**lie).items() if value is not None}
    assert await tenant.refused(tenant.provider.keys[0].sign(said)) == (401, code)


async def test_clocks_may_differ_by_half_a_minute(tenant: Tenant) -> None:
    with time_machine.travel(now(), tick=False):
        moment = int(time.time())
        await tenant.me(exp=moment - 20)
        await tenant.me(iat=moment + 20)
        assert await tenant.refused(exp=moment - 40) == (401, "idp_token_expired")


async def test_algorithms_are_not_confused(tenant: Tenant) -> None:
    await tenant.me()
    said, key = tenant.claims(), tenant.provider.keys[0]
    kid = {"kid": key.kid}
    forged = [
        jwt.encode(said, "", algorithm="none", headers=kid),
        jwt.encode(said, key.public()["n"], algorithm="HS256", headers=kid),
        jwt.encode(said, "x" * 64, algorithm="HS512", headers=kid),
        jwt.encode(said, key.private, algorithm="RS512", headers=kid),
        Key.rsa().sign(said, kid=key.kid),
        Key.ec().sign(said, kid=key.kid),
        Key.rsa().sign(said, kid="../../etc/passwd"),
        Key.rsa().sign(said, jku="https://evil.example/jwks"),
    ]
    for token in forged:
        assert await tenant.refused(token) == (401, "idp_token_invalid")


async def test_a_symmetric_key_in_the_set_is_none(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    described = {"kty": "oct", "k": "c2VjcmV0" * 6, "kid": "sym", "alg": "HS256"}

    monkeypatch.setattr(Key, "public", lambda _key: described)
    token = jwt.encode(tenant.claims(), "secret" * 6, algorithm="HS256", headers={"kid": "sym"})
    assert await tenant.refused(token) == (401, "idp_token_invalid")


async def test_es256_is_taken_too(tenant: Tenant) -> None:
    tenant.provider.keys = [Key.ec()]
    assert (await tenant.me())["account"]["role"] == "admin"


async def test_a_new_key_is_found_and_an_old_one_forgotten(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tenant.me()
    monkeypatch.setattr(key_sets, "RELOAD_AT_MOST_EVERY_S", 0.0)
    [old] = tenant.provider.keys
    tenant.provider.keys = [Key.rsa()]
    await tenant.me()
    assert await tenant.refused(old.sign(tenant.claims())) == (401, "idp_token_invalid")


async def test_unknown_kids_do_not_flood_the_provider(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tenant.me()
    monkeypatch.setattr(key_sets, "RELOAD_AT_MOST_EVERY_S", 3600.0)
    asked = tenant.provider.counted["/jwks"]
    stranger = Key.rsa()
    for number in range(10):
        assert (await tenant.refused(stranger.sign(tenant.claims(), kid=f"k{number}")))[0] == 401
    assert tenant.provider.counted["/jwks"] <= asked + 1


async def test_known_keys_serve_for_an_hour_without_the_provider(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tenant.me()
    tenant.provider.down = True
    keys = key_sets.key_set(f"{tenant.provider.url}/jwks", tls=False)
    for minutes, expected in ((59, 200), (61, 503)):
        monkeypatch.setattr(keys, "_loaded_at", time.monotonic() - minutes * 60)
        monkeypatch.setattr(keys, "_tried_at", float("-inf"))
        answer = await tenant.get(tenant.token())
        assert answer.status_code == expected, minutes
    assert answer.json()["code"] == "provider_away"
    tenant.provider.down = False
    monkeypatch.setattr(keys, "_tried_at", float("-inf"))
    await tenant.me()


async def test_without_the_setting_such_a_token_is_nothing(tenant: Tenant, app: FastAPI) -> None:
    tenant.app = app
    assert await tenant.refused() == (401, "token_invalid")
    assert not tenant.provider.counted


async def test_the_provider_of_another_installation_is_foreign(tenant: Tenant) -> None:
    """Two issuers with one subject are two people."""
    other = Provider()
    other.start()
    try:
        said = tenant.claims(iss=other.url)
        assert await tenant.refused(other.keys[0].sign(said)) == (401, "token_invalid")
        said = tenant.claims()
        assert await tenant.refused(other.keys[0].sign(said)) == (401, "idp_token_invalid")
    finally:
        other.stop()


async def test_what_is_sensitive_wants_a_recent_sign_in_over_there(tenant: Tenant) -> None:
    """A renewed token proves nothing new about its person."""
    path = "/api/v1/auth/passkeys/options"
    answer = await tenant.get(tenant.token(), path, "POST")
    assert answer.json()["code"] == "step_up_required"
    fresh = tenant.token(auth_time=int(time.time()) - 30)
    assert (await tenant.get(fresh, path, "POST")).status_code == 200
    stale = tenant.token(auth_time=int(time.time()) - 3600)
    assert (await tenant.get(stale, path, "POST")).json()["code"] == "step_up_required"


async def test_an_ended_session_is_refused_at_once(tenant: Tenant, platform: Platform) -> None:
    token = tenant.token()
    assert (await tenant.get(token)).status_code == 200
    session = (await tenant.get(token, f"{AUTH}/sessions")).json()["data"][0]["id"]
    await end_presence(platform.redis, UUID(session))
    assert await tenant.refused(token) == (401, "session_ended")


async def test_accounts_are_found_again(tenant: Tenant, platform: Platform) -> None:
    await tenant.me()
    await tenant.me(sid="two")
    async with context(platform, tenant.organization) as ctx:
        accounts = await ctx.session.scalars(select(Account).where(Account.organization_id == ctx.org))
    assert sorted(one.role for one in accounts) == ["admin", "owner"]
