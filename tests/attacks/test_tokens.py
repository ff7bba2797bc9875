"""Every secret we hand out, and every token somebody makes up, where an access token belongs."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from fastapi import FastAPI

from rowhouse.kernel.http.credentials import ACCESS_COOKIE, OPERATOR_COOKIE
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.secrets.minting import mint
from rowhouse.kernel.sessions.presented import parse_api_key, write_api_key
from tests.attacks.factors import enrol
from tests.conftest import api_on
from tests.kernel.identity.doubles import Caller, Mailbox, Person, bearer, code_of, data, signed_in
from tests.kernel.identity.fixtures import MakeCaller
from tests.operators import Operator

Forge = Callable[[dict[str, Any], str, Any], str]
"""From true claims, the true kid and the true public key to a token that must open nothing."""


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _unsigned(algorithm: str) -> Forge:
    return lambda claims, kid, _: f"{_part({'alg': algorithm, 'kid': kid, 'typ': 'JWT'})}.{_part(claims)}."


def _by_public_key(claims: dict[str, Any], kid: str, public: Any) -> str:
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    head = f"{_part({'alg': 'HS256', 'kid': kid})}.{_part(claims)}"
    mac = hmac.new(pem, head.encode(), hashlib.sha256).digest()
    return f"{head}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


OWN_KEY = generate_private_key(public_exponent=65537, key_size=2048)


def _by_own_key(**header: Any) -> Forge:
    return lambda claims, kid, _: jwt.encode(
        claims, OWN_KEY, algorithm="RS256", headers={"kid": kid, **header}
    )


FORGERIES: dict[str, Forge] = {
    "none": _unsigned("none"),
    "None": _unsigned("None"),
    "nOnE": _unsigned("nOnE"),
    "HS256 with the public key": _by_public_key,
    "another key under our kid": _by_own_key(),
    "a kid that is a path": _by_own_key(kid="../../../../dev/null"),
    "a kid that is SQL": _by_own_key(kid="' UNION SELECT 'x"),
    "a key in the header": _by_own_key(jwk=json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(OWN_KEY.public_key()))),
    "a key set elsewhere": _by_own_key(jku="https://evil.example/jwks.json", x5u="https://evil.example/x"),
    "an unknown kid": _by_own_key(kid="nobodys"),
}  # fmt: skip

ALTERED: dict[str, dict[str, Any]] = {
    "another audience": {"aud": "elsewhere"},
    "another issuer": {"iss": "https://evil.example"},
    "expired": {"exp": datetime.now(UTC) - timedelta(minutes=5)},
    "no end": {"exp": None},
    "not yet": {"iat": datetime.now(UTC) + timedelta(hours=1)},
}


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forged_token_opens_nothing(
    caller: Caller, person: Person, platform: Platform, name: str
) -> None:
    """By header and by cookie, at doors of accounts and of operators; what it forges is a session that lives."""
    token = data(await caller.sign_in(person.email))["access_token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    kid, private = await platform.tokens.keys.signing()
    forged = FORGERIES[name](claims, kid, private.public_key())
    assert await opened(caller, forged) == set()


@pytest.mark.parametrize("name", ALTERED)
async def test_a_token_of_ours_for_something_else_opens_nothing(
    caller: Caller, person: Person, platform: Platform, name: str
) -> None:
    """Signed by our own key, and wrong in one claim."""
    claims = jwt.decode(
        data(await caller.sign_in(person.email))["access_token"], options={"verify_signature": False}
    )
    kid, private = await platform.tokens.keys.signing()
    changed = {k: v for k, v in (claims | ALTERED[name]).items() if v is not None}
    token = jwt.encode(changed, private, algorithm="RS256", headers={"kid": kid})
    assert await opened(caller, token) == set()


async def test_no_other_secret_is_an_access_token(
    make_caller: MakeCaller, person: Person, mailbox: Mailbox, operator: Operator
) -> None:
    caller = await make_caller()
    tokens = data(await caller.sign_in(person.email))
    caller.http.headers.update(bearer(tokens["access_token"]))
    key = (
        await caller.http.post("/api/v1/api-keys", json={"name": "k", "permissions": ["kernel.jobs.read"]})
    ).json()
    stranger = await make_caller()
    await stranger.post("/magic-link", {"email": person.email})
    await stranger.post("/password/forgot", {"email": person.email})
    registered = data(await stranger.sign_up(f"n{secrets.token_hex(6)}@example.com"))
    await enrol(caller)
    challenge = (await stranger.sign_in(person.email)).json()["mfa_token"]
    others = {
        "refresh token": tokens["refresh_token"],
        "half an api key": key["data"]["key"].removeprefix("rh_live_"),
        "mfa token": challenge,
        "magic link": mailbox.tokens(person.email, "magic_link")[-1],
        "reset link": mailbox.tokens(person.email, "password_reset")[-1],
        "registration": registered["registration"],
        "csrf token": data(await caller.get("/csrf-token"))["csrf_token"],
        "session id": jwt.decode(tokens["access_token"], options={"verify_signature": False})["session_id"],
    }  # fmt: skip
    for name, secret in others.items():
        assert await opened(stranger, secret) == set(), name
    assert await opened(stranger, tokens["access_token"]) == {"account by header", "account by cookie"}
    own = operator.client.headers["Authorization"].removeprefix("Bearer ")
    assert await opened(stranger, own) == {"operator by header", "operator by cookie"}


async def test_no_other_secret_renews_a_session(caller: Caller, person: Person, operator: Operator) -> None:
    tokens = await signed_in(caller, person)
    own = operator.client.headers["Authorization"].removeprefix("Bearer ")
    session = jwt.decode(tokens["access_token"], options={"verify_signature": False})["session_id"]
    for wrong in (
        session,
        own,
        f"rt_{session}",
        "rt_",
        tokens["refresh_token"].upper(),
        tokens["refresh_token"][:-1],
    ):
        answer = await caller.post("/refresh", {"refresh_token": wrong})
        assert code_of(answer) == (401, "refresh_token_invalid"), wrong
    too_long = await caller.post("/refresh", {"refresh_token": tokens["access_token"]})
    assert code_of(too_long) == (422, "invalid_input")
    assert data(await caller.post("/refresh", {"refresh_token": tokens["refresh_token"]}))


async def test_a_links_token_is_good_for_its_own_purpose_alone(
    caller: Caller, person: Person, mailbox: Mailbox
) -> None:
    await caller.post("/magic-link", {"email": person.email})
    await caller.post("/password/forgot", {"email": person.email})
    magic = mailbox.tokens(person.email, "magic_link")[-1]
    reset = mailbox.tokens(person.email, "password_reset")[-1]
    new = {"password": "forty-herons-cross-a-delta"}
    assert code_of(await caller.post("/password/reset", {"token": magic, **new})) == (401, "invalid_token")
    assert code_of(await caller.post("/magic-link/verify", {"token": reset})) == (401, "invalid_token")
    for token in (magic, reset):
        assert code_of(await caller.post("/unlock", {"token": token})) == (401, "invalid_token")
        shown = {"mfa_token": token, "code": "123456"}
        assert code_of(await caller.post("/mfa/verify", shown)) == (401, "invalid_token")
    assert (await caller.post("/magic-link/verify", {"token": magic})).status_code == 200


@pytest.mark.parametrize("kind", ["api_key", "token", "operator", "nothing", "nothing of an operator"])
async def test_who_shows_garbage_is_a_stranger(
    strict_app: FastAPI, make_caller: MakeCaller, kind: str
) -> None:
    """And asks no more than any stranger may, however many keys they make up."""
    stranger = await make_caller(strict_app)
    path = "/api/v1/admin/plans" if "operator" in kind else "/api/v1/jobs"
    made_up: dict[str, Callable[[], str]] = {
        "api_key": lambda: write_api_key(uuid4(), secrets.token_bytes(32)),
        "token": lambda: secrets.token_urlsafe(32),
        "operator": lambda: mint("operator"),
    }
    make = made_up.get(kind)
    answers = [await stranger.http.get(path, headers=bearer(make()) if make else {}) for _ in range(22)]
    assert [answer.status_code for answer in answers] == [401] * 20 + [429] * 2


async def test_who_was_somebody_is_no_stranger(
    strict_app: FastAPI, make_caller: MakeCaller, person: Person
) -> None:
    """A session that has ended is renewed or begun anew, at an address that many share."""
    caller = await make_caller(strict_app)
    token = bearer(data(await caller.sign_in(person.email))["access_token"])
    assert (await caller.post("/logout", headers=token)).status_code == 204
    answers = [await caller.http.get("/api/v1/jobs", headers=token) for _ in range(22)]
    assert [answer.status_code for answer in answers] == [401] * 22


async def test_who_knows_a_keys_id_uses_nothing_of_it_up(
    caller: Caller, person: Person, platform: Platform, make_caller: MakeCaller
) -> None:
    await signed_in(caller, person)
    wanted = {"name": "k", "permissions": ["kernel.jobs.read"]}
    key = data(await caller.http.post("/api/v1/api-keys", json=wanted))["key"]
    settings = platform.settings.model_copy(update={"limits_user": 3})
    stranger = await make_caller(api_on(replace(platform, settings=settings)))
    guess = write_api_key(parse_api_key(key)[0], secrets.token_bytes(32))
    guesses = [await stranger.http.get("/api/v1/jobs", headers=bearer(guess)) for _ in range(5)]
    assert [answer.status_code for answer in guesses] == [401] * 3 + [429] * 2
    assert (await stranger.http.get("/api/v1/jobs", headers=bearer(key))).status_code == 200


async def opened(caller: Caller, token: str) -> set[str]:
    """Which doors a secret opens, and how it was shown."""
    found = set()
    for door, path, cookie in (
        ("account", "/api/v1/auth/me", ACCESS_COOKIE),
        ("operator", "/api/v1/admin/auth/me", OPERATOR_COOKIE),
    ):
        for way, headers in (("header", bearer(token)), ("cookie", {"Cookie": f"{cookie}={token}"})):
            answer = await caller.http.get(path, headers={"Authorization": "", **headers})
            assert answer.status_code in (200, 401), f"{door} by {way}: {answer.text}"
            if answer.status_code == 200:
                found.add(f"{door} by {way}")
    return found
