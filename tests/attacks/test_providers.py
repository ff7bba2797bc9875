"""A provider that says it is another one, and what is left of what an honest one gave."""

import time
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import pytest
from psycopg import sql

from rowhouse.kernel.federation.providers import _metadata
from rowhouse.kernel.oauth.errors import ProviderAway
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.settings import OidcProvider
from rowhouse.kernel.webhooks.incoming.errors import WebhookRefused
from rowhouse.kernel.webhooks.incoming.signatures import Arrival
from tests.generators.provider import Provider
from tests.isolation.conftest import Connection
from tests.kernel.federation.conftest import MakeBrowser, configure, make_browser, oidc_app, provider

__all__ = ["configure", "make_browser", "oidc_app", "provider"]

ISSUER = "https://accounts.example.com"


def described(issuer: str) -> dict[str, str]:
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    return {"issuer": issuer, **{name: f"{issuer}/{name}" for name in names}}


@pytest.mark.parametrize(
    "issuer",
    [
        f"{ISSUER}/",
        ISSUER.upper(),
        "https://evil.example",
        "http://accounts.example.com",
        "",
        f"{ISSUER}/tenant",
    ],
)
def test_metadata_of_another_issuer_is_refused(issuer: str) -> None:
    """Compared letter by letter, as OpenID Connect Discovery 4.3 has it."""
    provider = OidcProvider(id="acme", title="Acme", issuer=ISSUER, client_id="us")
    assert _metadata(provider, described(ISSUER)).token_endpoint == f"{ISSUER}/token_endpoint"
    with pytest.raises(ProviderAway):
        _metadata(provider, described(issuer))


class Made(Mapping[str, str]):
    """Headers of whatever name, made up."""

    def __init__(self, value: str) -> None:
        self.value = value

    def __getitem__(self, name: str) -> str:
        return self.value

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def test_no_provider_is_believed_without_its_proof(platform: Platform) -> None:
    """Of all that sign or show a secret; Withings does neither, and of what it says nothing is believed."""
    known, at = platform.registry.webhook_providers, time.time()
    unproved = set()
    for name, headers in product(known, ({}, Made("00" * 32), Made(f"{at:.0f}"), Made(f"t={at:.0f},v1=00"))):
        try:
            known[name].scheme.verify(["a secret of ours"], Arrival(headers, b"{}", at))
        except WebhookRefused:
            continue
        unproved.add(name)
    assert unproved == {"withings"}


async def test_a_providers_tokens_are_kept_nowhere(
    make_browser: MakeBrowser,
    provider: Provider,
    platform: Platform,
    superuser: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not in a table, not in Redis, not in a cookie: they have served once they were read."""
    given: list[str] = []
    answer = provider.respond

    def respond(path: str, form: Mapping[str, str]) -> tuple[int, Any]:
        status, document = answer(path, form)
        given.extend(document[name] for name in ("access_token", "id_token") if name in document)
        return status, document

    monkeypatch.setattr(provider, "respond", respond)
    browser = await make_browser()
    assert await browser.sign_in(provider, sub="kept", email="kept@example.org", email_verified=True) == "/"
    assert len(given) == 2
    kept = [*_rows(superuser), *[one async for one in _remembered(platform)], *browser.http.cookies.values()]
    assert any("kept@example.org" in one for one in kept)
    assert [one for one in kept if any(token in one for token in given)] == []


def _rows(superuser: Connection) -> list[str]:
    """Every row of every table of ours, as text."""
    tables = superuser.execute(
        "SELECT table_schema, table_name FROM information_schema.tables"
        " WHERE table_type = 'BASE TABLE' AND table_schema IN ('kernel', 'audit')"
    ).fetchall()
    return [
        row[0]
        for table in tables
        for row in superuser.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(*table)))
    ]


async def _remembered(platform: Platform) -> Any:
    async for key in platform.redis.scan_iter():
        match await platform.redis.type(key):
            case b"string" | "string":
                yield str(await platform.redis.get(key))
            case b"hash" | "hash":
                yield str(await platform.redis.hgetall(key))
