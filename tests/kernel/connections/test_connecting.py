"""Connecting a service: for who began it, once, and with tokens that nobody reads in the table."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import select, update

from rowhouse.kernel.connections import connecting
from rowhouse.kernel.connections.errors import ServiceUnknown, SessionNeeded
from rowhouse.kernel.connections.models import Connection
from rowhouse.kernel.connections.revoking import disconnect
from rowhouse.kernel.context import Identity
from rowhouse.kernel.errors import NotFound
from rowhouse.kernel.oauth.flows import COOKIE
from rowhouse.kernel.organizations.models import Account
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.registry import Registry
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from tests.conftest import MakePerson
from tests.kernel.connections.conftest import HERE, Visitor
from tests.kernel.connections.outside import KIND
from tests.services import Services


async def test_one_connects_a_service_and_its_tokens_are_sealed(
    visitor: Visitor, services: Services, database_name: str
) -> None:
    begun = await visitor.begin("/sources?tab=all")
    asked = parse_qs(urlsplit(begun.authorize_url).query)
    assert (asked["scope"], asked["code_challenge_method"]) == (["read write"], ["S256"])
    code = visitor.outside.grant(begun.authorize_url)
    assert await visitor.back(begun, code=code) == "/sources?tab=all&connected=outside"
    row = await visitor.connection()
    assert (row.state, row.external_id, row.scopes) == ("connected", "athlete-7", ["read", "write"])
    assert (await visitor.keeper(row.id).token()).value in visitor.outside.access
    with psycopg.connect(services.dsn("postgres", database_name)) as superuser:
        tables = superuser.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('kernel', 'audit')"
        ).fetchall()
        for schema, table in tables:
            whole = sql.SQL("SELECT coalesce(string_agg(t::text, ''), '') FROM {} t").format(
                sql.Identifier(schema, table)
            )
            (text,) = superuser.execute(whole).fetchone() or ("",)
            for token in (*visitor.outside.access, *visitor.outside.refresh, code):
                assert token not in text, f"{schema}.{table}"
    # Used up, whatever comes with it.
    assert await visitor.back(begun, code=code) == "/sign-in?error=oauth_state_invalid&return_to=%2F"


async def test_it_comes_back_to_who_began_it(visitor: Visitor, make_person: MakePerson) -> None:
    begun = await visitor.begin()
    other = await make_person()
    visitor.http.headers["Authorization"] = other.headers["authorization"]
    code = visitor.outside.grant(begun.authorize_url)
    assert "oauth_state_invalid" in await visitor.back(begun, own=False, code=code)
    # Without the browser's cookie the session's own credential will do, as a client without cookies has it.
    begun = await visitor.begin()
    visitor.http.headers["Authorization"] = visitor.person.headers["authorization"]
    code = visitor.outside.grant(begun.authorize_url)
    assert await visitor.back(begun, own=False, code=code) == "/sources?connected=outside"


async def test_nothing_comes_of_it_without_its_state_or_at_another_provider(visitor: Visitor) -> None:
    begun = await visitor.begin()
    cookies = {"Cookie": f"{COOKIE}={begun.cookie}"}
    code = visitor.outside.grant(begun.authorize_url)
    state = parse_qs(urlsplit(begun.authorize_url).query)["state"][0]
    for provider, sent in (("outside", {"code": code}), ("strava", {"code": code, "state": state})):
        path = f"/api/v1/auth/oauth/{provider}/callback"
        answer = await visitor.http.get(path, params=sent, headers=cookies)
        assert "error=oauth_state_invalid" in answer.headers["location"], provider
    assert visitor.outside.counted == {}


async def test_signing_out_takes_a_begun_connection_back(visitor: Visitor) -> None:
    begun = await visitor.begin()
    assert (await visitor.person.client.post("/api/v1/auth/logout")).status_code == 204
    code = visitor.outside.grant(begun.authorize_url)
    assert await visitor.back(begun, code=code) == "/sources?error=oauth_state_invalid"
    assert visitor.outside.counted == {}


async def test_switching_to_another_account_takes_a_begun_connection_back(visitor: Visitor) -> None:
    begun = await visitor.begin()
    client = visitor.person.client
    assert (await client.post("/api/v1/organizations", json={"name": "Otters"})).status_code == 201
    accounts = (await client.get("/api/v1/auth/me")).json()["data"]["accounts"]
    [other] = [one["id"] for one in accounts if one["organization_name"] == "Otters"]
    assert (await client.post("/api/v1/auth/switch", json={"account_id": other})).status_code == 200
    code = visitor.outside.grant(begun.authorize_url)
    assert await visitor.back(begun, code=code) == "/sources?error=oauth_state_invalid"
    assert visitor.outside.counted == {}


async def test_losing_the_permission_takes_a_begun_connection_back(visitor: Visitor) -> None:
    begun = await visitor.begin()
    async with open_context(visitor.platform, visitor.identity, HERE) as ctx:
        own = (Account.organization_id == ctx.org, Account.id == ctx.account)
        await ctx.session.execute(update(Account).where(*own).values(role="none"))
    code = visitor.outside.grant(begun.authorize_url)
    assert await visitor.back(begun, code=code) == "/sources?error=oauth_state_invalid"
    assert visitor.outside.counted == {}


@pytest.mark.parametrize(
    ("sent", "claims", "code"),
    [
        ({"error": "access_denied"}, {}, "oauth_denied"),
        ({"error": "access_denied", "code": "one-all-the-same"}, {}, "oauth_denied"),
        ({"code": ""}, {}, "oauth_denied"),
        ({"code": "no-such-code"}, {}, "oauth_denied"),
        ({}, {"scope": "write"}, "scope_missing"),
        ({}, {"scope": "", "access_token": ""}, "provider_away"),
    ],
)
async def test_what_is_refused_leaves_nothing(
    visitor: Visitor, sent: dict[str, str], claims: dict[str, str], code: str
) -> None:
    begun = await visitor.begin()
    given = sent or {"code": visitor.outside.grant(begun.authorize_url, **claims)}
    assert await visitor.back(begun, own=True, **given) == f"/sources?error={code}"
    if "error" in sent or not given["code"]:
        assert visitor.outside.counted == {}
    async with open_context(visitor.platform, visitor.identity, HERE) as ctx:
        own = (Connection.organization_id == ctx.org, Connection.account_id == ctx.account)
        assert (await ctx.session.scalars(select(Connection).where(*own))).all() == []


async def test_another_account_of_the_service_is_not_taken_for_the_first(visitor: Visitor) -> None:
    keeper = await visitor.connect()
    visitor.outside.person = "athlete-8"
    begun = await visitor.begin()
    code = visitor.outside.grant(begun.authorize_url)
    assert await visitor.back(begun, code=code) == "/sources?error=connected_as_another"
    visitor.outside.person = "athlete-7"
    await visitor.change(state="needs_reauth", refusal="invalid_grant")
    again = await visitor.connect()
    assert again.connection_id == keeper.connection_id
    row = await visitor.connection()
    assert (row.state, row.refusal, row.generation) == ("connected", None, 2)


async def test_it_takes_credentials_and_a_person(visitor: Visitor, platform: Platform) -> None:
    async with open_context(platform, visitor.identity, HERE) as ctx:
        with pytest.raises(ServiceUnknown):
            await connecting.begin(ctx, "outside", return_to="/", cookie=None)
    off = platform.settings.model_copy(
        update={"connections": visitor.platform.settings.connections, "features": {"outside": False}}
    )
    async with open_context(replace(visitor.platform, settings=off), visitor.identity, HERE) as ctx:
        with pytest.raises(ServiceUnknown):
            await connecting.begin(ctx, "outside", return_to="/", cookie=None)
    by_key = Identity(visitor.identity.organization_id, visitor.identity.user_id, visitor.identity.account_id)
    async with open_context(visitor.platform, by_key, HERE) as ctx:
        with pytest.raises(SessionNeeded):
            await connecting.begin(ctx, "outside", return_to="/", cookie=None)


async def test_a_key_is_asked_for_where_there_are_keys_and_by_nobody_else(visitor: Visitor) -> None:
    """A key is no way around the service's own page, nor around its switch."""
    keyed = replace(KIND, key_scheme="ApiKey")
    off = visitor.platform.settings.model_copy(update={"features": {"outside": False}})
    apps = tuple(
        replace(app, services=(keyed,)) if app.name == "outside" else app
        for app in visitor.platform.registry.apps
    )
    switched_off = replace(visitor.platform, settings=off, registry=Registry(apps))
    for platform in (visitor.platform, switched_off):
        async with open_context(platform, visitor.identity, HERE) as ctx:
            with pytest.raises(ServiceUnknown):
                await connecting.connect_by_key(ctx, "outside", "somebodys-key", ends_at=None)
    assert visitor.outside.counted == {}


async def test_a_colleague_gets_no_token_of_it_and_does_not_end_it(visitor: Visitor) -> None:
    keeper = await visitor.connect()
    colleague = Identity(visitor.identity.organization_id, uuid7(), uuid7())
    with pytest.raises(NotFound):
        await replace(keeper, identity=colleague).token()
    async with open_context(visitor.platform, colleague, HERE) as ctx:
        with pytest.raises(NotFound):
            await disconnect(ctx, keeper.connection_id)
    assert (await visitor.connection()).state == "connected"
