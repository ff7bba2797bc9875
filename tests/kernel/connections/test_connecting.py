"""Connecting a service: for who began it, once, and with tokens that nobody reads in the table."""

from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import select

from rowhouse.kernel.connections import connecting
from rowhouse.kernel.connections.errors import ServiceUnknown, SessionNeeded
from rowhouse.kernel.connections.models import Connection
from rowhouse.kernel.context import Identity
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.work import open_context
from tests.conftest import MakePerson
from tests.kernel.connections.conftest import HERE, Visitor
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


@pytest.mark.parametrize(
    ("sent", "claims", "code"),
    [
        ({"error": "access_denied"}, {}, "oauth_denied"),
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
    by_key = Identity(visitor.identity.organization_id, visitor.identity.user_id, visitor.identity.account_id)
    async with open_context(visitor.platform, by_key, HERE) as ctx:
        with pytest.raises(SessionNeeded):
            await connecting.begin(ctx, "outside", return_to="/", cookie=None)
