"""Access tokens: what is in them, and that nothing else is taken for one."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.tokens import keys
from rowhouse.kernel.tokens.errors import NoSigningKey, TokenExpired, TokenInvalid
from rowhouse.kernel.tokens.keys import ensure_signing_key, rotate_signing_key
from rowhouse.kernel.tokens.models import SigningKey
from rowhouse.kernel.tokens.tokens import AccessTokens, Bearer
from rowhouse.kit.ids import uuid7
from tests.kernel.identity.doubles import Caller, Person, bearer, code_of, data

ISSUER = "https://rowhouse.test"


@pytest.fixture
async def admin(platform: Platform) -> AsyncIterator[Database]:
    url = platform.settings.admin_database_url
    assert url is not None
    database = Database(url.get_secret_value(), pool_size=2)
    yield database
    await database.close()


@pytest.fixture
def tokens(platform: Platform) -> AccessTokens:
    """As another process would have them: nothing loaded, nothing remembered."""
    return AccessTokens(platform.database, platform.sealer, issuer=ISSUER)


def somebody() -> Bearer:
    return Bearer(uuid7(), uuid7(), uuid7(), uuid7(), "owner", ("kernel.*",))


async def issue(tokens: AccessTokens, life: timedelta = timedelta(hours=1)) -> str:
    return (await tokens.issue(somebody(), not_after=datetime.now(UTC) + life))[0]


async def payload(tokens: AccessTokens) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(await issue(tokens), options={"verify_signature": False})
    return claims


async def signing(tokens: AccessTokens) -> tuple[str, RSAPrivateKey]:
    return await tokens.keys.signing()


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


async def test_a_token_says_what_the_contract_says(
    platform: Platform, caller: Caller, person: Person
) -> None:
    token = data(await caller.sign_in(person.email))["access_token"]
    jwks = (await caller.http.get("/.well-known/jwks.json")).json()
    header = jwt.get_unverified_header(token)
    assert header["alg"] == "RS256"
    key = next(key for key in jwks["keys"] if key["kid"] == header["kid"])
    assert set(key) == {"kid", "kty", "use", "alg", "n", "e"}
    claims = jwt.decode(
        token, jwt.PyJWK(key), algorithms=["RS256"], audience="rowhouse", issuer=platform.settings.public_url
    )
    assert claims["sub"] == str(person.identity.user_id)
    assert claims["org"] == str(person.identity.organization_id)
    assert claims["role"] == "owner"
    assert "kernel.*" in claims["permissions"]
    assert claims["exp"] - claims["iat"] == 900
    assert {"session_id", "jti"} <= set(claims)


async def test_verifying_gives_back_what_was_issued(tokens: AccessTokens) -> None:
    wanted = somebody()
    token, life_s = await tokens.issue(wanted, not_after=datetime.now(UTC) + timedelta(hours=1))
    for claims in (await tokens.verify(token), await tokens.verify(token)):
        assert (claims.session_id, claims.user_id) == (wanted.session_id, wanted.user_id)
        assert (claims.organization_id, claims.account_id) == (wanted.organization_id, wanted.account_id)
    assert life_s == 900


async def test_a_token_never_outlives_its_session(tokens: AccessTokens) -> None:
    _, life_s = await tokens.issue(somebody(), not_after=datetime.now(UTC) + timedelta(seconds=61))
    assert life_s in (60, 61)


async def test_no_algorithm_is_no_signature(tokens: AccessTokens) -> None:
    kid, _ = await signing(tokens)
    claims = await payload(tokens)
    for algorithm in ("none", "None", "NONE"):
        forged = f"{part({'alg': algorithm, 'typ': 'JWT', 'kid': kid})}.{part(claims)}."
        with pytest.raises(TokenInvalid):
            await tokens.verify(forged)


async def test_the_public_key_is_no_shared_secret(tokens: AccessTokens, platform: Platform) -> None:
    """The classic confusion: HS256 with the published key as its secret."""
    kid, _ = await signing(tokens)
    async with platform.database.session(Binding()) as session:
        pem = await session.scalar(select(SigningKey.public_pem).where(SigningKey.kid == kid))
    assert pem is not None
    signed = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': kid})}.{part(await payload(tokens))}"
    for secret in (pem.encode(), pem.strip().encode()):
        mac = (
            base64.urlsafe_b64encode(hmac.digest(secret, signed.encode(), hashlib.sha256))
            .rstrip(b"=")
            .decode()
        )
        with pytest.raises(TokenInvalid):
            await tokens.verify(f"{signed}.{mac}")


@pytest.mark.parametrize(
    "kid", ["../../../etc/passwd", "/dev/null", "' OR 1=1 --", "", "unknown", None, 7, ["a"], {"a": 1}]
)
async def test_a_kid_leads_nowhere(tokens: AccessTokens, kid: object) -> None:
    _, private = await signing(tokens)
    real = jwt.encode(await payload(tokens), private, algorithm="RS256")
    _, body, signature = real.split(".")
    with pytest.raises(TokenInvalid):
        await tokens.verify(f"{part({'alg': 'RS256', 'kid': kid})}.{body}.{signature}")


async def test_a_key_in_the_token_itself_is_not_believed(tokens: AccessTokens) -> None:
    mine = generate_private_key(65537, 2048)
    kid, _ = await signing(tokens)
    jwk = jwt.algorithms.RSAAlgorithm.to_jwk(mine.public_key(), as_dict=True)
    for header in (
        {"kid": kid, "jwk": jwk},
        {"kid": kid, "jku": "https://evil.example/jwks.json"},
        {"jwk": jwk},
    ):
        with pytest.raises(TokenInvalid):
            await tokens.verify(jwt.encode(await payload(tokens), mine, algorithm="RS256", headers=header))


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "another"},
        {"aud": ["rowhouse2"]},
        {"iss": "https://evil.example"},
        {"aud": None},
        {"iss": None},
        {"exp": None},
        {"iat": None},
        {"jti": None},
        {"session_id": None},
        {"session_id": "../x"},
        {"sub": "1"},
        {"org": None},
        {"exp": "tomorrow"},
        {"nbf": 9_999_999_999},
        {"iat": 9_999_999_999},
    ],
)
async def test_each_claim_has_to_be_right(tokens: AccessTokens, change: dict[str, Any]) -> None:
    kid, private = await signing(tokens)
    claims = {k: v for k, v in ((await payload(tokens)) | change).items() if v is not None}
    body = f"{part({'alg': 'RS256', 'kid': kid})}.{part(claims)}"
    signature = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign(body.encode(), private)
    with pytest.raises(TokenInvalid):
        await tokens.verify(f"{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}")


async def test_an_expired_token_says_so_remembered_or_not(
    tokens: AccessTokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    kid, private = await signing(tokens)
    expired = await payload(tokens) | {"exp": int(datetime.now(UTC).timestamp()) - 1}
    with pytest.raises(TokenExpired):
        await tokens.verify(jwt.encode(expired, private, algorithm="RS256", headers={"kid": kid}))
    token = await issue(tokens)
    remembered = await tokens.verify(token)
    monkeypatch.setattr("time.time", remembered.expires_at.timestamp)
    with pytest.raises(TokenExpired):
        await tokens.verify(token)


async def test_what_is_remembered_is_bounded(tokens: AccessTokens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rowhouse.kernel.tokens.tokens.CACHED_TOKENS", 3)
    made = [await issue(tokens) for _ in range(5)]
    for token in made:
        await tokens.verify(token)
    assert len(tokens._verified) == 3
    assert (await tokens.verify(made[0])).role == "owner"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    junk=st.text(max_size=200)
    | st.from_regex(r"[A-Za-z0-9_-]{1,40}\.[A-Za-z0-9_-]{0,40}\.[A-Za-z0-9_-]{0,40}")
)
async def test_junk_is_invalid_and_nothing_worse(platform: Platform, junk: str) -> None:
    with pytest.raises(TokenInvalid):
        await platform.tokens.verify(junk)


async def test_an_altered_token_is_invalid(tokens: AccessTokens) -> None:
    header, body, signature = (await issue(tokens)).split(".")
    other = "A" if signature[5] != "A" else "B"
    with pytest.raises(TokenInvalid):
        await tokens.verify(f"{header}.{body}.{signature[:5]}{other}{signature[6:]}")
    with pytest.raises(TokenInvalid):
        await tokens.verify(f"{header}.{body}.{signature}" + "x" * 9000)


async def test_rotation_signs_nobody_out(
    platform: Platform, tokens: AccessTokens, admin: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "RELOAD_AT_MOST_EVERY_S", 0.0)
    old_token = await issue(tokens)
    kid = await rotate_signing_key(admin, platform.sealer)
    fresh = AccessTokens(platform.database, platform.sealer, issuer=ISSUER)
    new_token = await issue(fresh)
    assert jwt.get_unverified_header(new_token)["kid"] == kid
    for ring in (tokens, fresh):
        for token in (old_token, new_token):
            assert (await ring.verify(token)).role == "owner"
    assert {key["kid"] for key in (await fresh.keys.jwks())["keys"]} >= {
        kid,
        jwt.get_unverified_header(old_token)["kid"],
    }


async def test_a_key_that_retires_is_not_kept_by_the_next_rotation(
    platform: Platform, tokens: AccessTokens, admin: Database
) -> None:
    kid = jwt.get_unverified_header(await issue(tokens))["kid"]

    async def ends() -> datetime | None:
        async with admin.session(Binding()) as session:
            return await session.scalar(select(SigningKey.retired_at).where(SigningKey.kid == kid))

    await rotate_signing_key(admin, platform.sealer)
    first = await ends()
    await rotate_signing_key(admin, platform.sealer)
    assert first is not None
    assert await ends() == first
    await platform.tokens.keys.freshen()


async def test_a_retired_keys_tokens_are_refused_even_remembered_ones(
    platform: Platform, tokens: AccessTokens, admin: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "RELOAD_AT_MOST_EVERY_S", 0.0)
    token = await issue(tokens)
    await tokens.verify(token)
    await rotate_signing_key(admin, platform.sealer)
    async with admin.session(Binding()) as session, session.begin():
        await session.execute(
            update(SigningKey).where(SigningKey.retired_at.is_not(None)).values(retired_at=func.now())
        )
    monkeypatch.setattr(keys, "RELOAD_AT_LEAST_EVERY_S", -1.0)
    with pytest.raises(TokenInvalid):
        await tokens.verify(token)
    assert jwt.get_unverified_header(token)["kid"] not in {
        k["kid"] for k in (await tokens.keys.jwks())["keys"]
    }
    # The platform's own view is brought up to date for the tests that follow.
    await platform.tokens.keys.freshen()


async def test_an_unknown_kid_asks_the_database_once_in_a_while(
    tokens: AccessTokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    await issue(tokens)
    loads = 0
    session = tokens.keys._database.session

    def counted(binding: Binding) -> Any:
        nonlocal loads
        loads += 1
        return session(binding)

    monkeypatch.setattr(tokens.keys._database, "session", counted)
    for n in range(20):
        with pytest.raises(TokenInvalid):
            await tokens.verify(f"{part({'alg': 'RS256', 'kid': f'k{n}'})}.e30.AAAA")
    assert loads == 0


async def test_ensuring_makes_one_key_however_often(platform: Platform, admin: Database) -> None:
    found = await asyncio.gather(*(ensure_signing_key(admin, platform.sealer) for _ in range(4)))
    assert len(set(found)) == 1


async def test_without_a_key_nothing_is_signed(tokens: AccessTokens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens.keys, "_parse", lambda _rows: keys.Keys())
    with pytest.raises(NoSigningKey):
        await issue(tokens)


async def test_expired_and_invalid_are_told_apart_over_http(caller: Caller) -> None:
    assert code_of(await caller.get("/me", headers=bearer("nonsense"))) == (401, "token_invalid")
    assert code_of(await caller.get("/me")) == (401, "not_authenticated")
