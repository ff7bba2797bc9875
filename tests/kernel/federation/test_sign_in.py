"""Signing in at a provider of OpenID Connect: what goes well, and what an attacker tries."""

import asyncio
import secrets
import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import select, update

from rowhouse.kernel.context import Identity
from rowhouse.kernel.errors import Unavailable
from rowhouse.kernel.federation import key_sets, signing_in
from rowhouse.kernel.identity.guessing import find_login
from rowhouse.kernel.identity.models import User
from rowhouse.kernel.oauth import fetching
from rowhouse.kernel.oauth.errors import ProviderAway
from rowhouse.kernel.oauth.flows import COOKIE, own_path
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.sessions.models import Session
from rowhouse.kernel.sessions.presence import renew_presence
from rowhouse.kit.time import now
from tests.conftest import PASSWORD, MakePerson, Person
from tests.generators.provider import Key, Provider
from tests.kernel.federation.conftest import AUTH, Browser, Configure, MakeBrowser, described, refused
from tests.kernel.identity.doubles import Mailbox, context
from tests.kernel.lifecycle.staging import Stage


def claims(**more: Any) -> dict[str, Any]:
    """A newcomer with a verified address."""
    subject = secrets.token_hex(6)
    return {
        "sub": subject,
        "email": f"{subject}@example.org",
        "email_verified": True,
        "name": "Ada Byron",
    } | more


async def test_the_providers_are_listed(browser: Browser) -> None:
    answer = await browser.http.get(f"{AUTH}/providers")
    assert answer.json()["data"] == [{"id": "acme", "title": "Acme"}]


async def test_google_is_preset(configure: Configure, make_browser: MakeBrowser) -> None:
    browser = await make_browser(configure(oidc_google_client_id="x", oidc_google_client_secret="y"))
    answer = await browser.http.get(f"{AUTH}/providers")
    assert answer.json()["data"] == [{"id": "google", "title": "Google"}]


async def test_a_newcomer_gets_an_account_of_their_own(
    browser: Browser, provider: Provider, mailbox: Mailbox
) -> None:
    who = claims()
    url = await browser.begin(return_to="/workouts?sport=run")
    assert await browser.back(url, provider.grant(url, **who)) == "/workouts?sport=run"
    me = await browser.me()
    assert (me["user"]["email"], me["user"]["name"], me["user"]["email_verified"]) == (
        who["email"],
        "Ada Byron",
        True,
    )
    assert (me["organization"]["kind"], me["account"]["role"]) == ("personal", "owner")
    await browser.sign_in(provider, **who)
    assert mailbox.to(who["email"]) == ["welcome"]


async def test_a_newcomer_whose_organization_is_set_up_stays_and_comes_back(
    oidc_app: FastAPI, make_browser: MakeBrowser, provider: Provider, stage: Stage
) -> None:
    browser, who = await make_browser(stage.on(oidc_app)), claims()
    for _ in range(2):
        assert refused(await browser.sign_in(provider, **who)) == "organization_provisioning"
        assert await browser.me() is None
    assert len(stage.jobs) == 1
    await stage.work()
    assert await browser.sign_in(provider, **who) == "/"
    assert (await browser.me())["organization"]["state"] == "active"


async def test_they_come_back_as_the_same_person(
    make_browser: MakeBrowser, provider: Provider, platform: Platform
) -> None:
    """Also when the address over there has become another, or is not verified any more."""
    who = claims()
    people = []
    for said in (who, who | {"email": "other@example.org"}, who | {"email_verified": False}):
        browser = await make_browser()
        assert await browser.sign_in(provider, **said) == "/"
        people.append((await browser.me())["user"]["id"])
    assert len(set(people)) == 1


async def test_the_session_knows_how_it_was_begun(
    browser: Browser, provider: Provider, platform: Platform
) -> None:
    await browser.sign_in(provider, **claims())
    me = await browser.me()
    async with context(platform, Identity(user_id=me["user"]["id"])) as ctx:
        session = (await ctx.session.execute(select(Session))).scalar_one()
    assert session.methods == ["oidc"]


async def test_the_request_carries_state_nonce_and_pkce(browser: Browser) -> None:
    first, second = await browser.begin(), await browser.begin()
    asked = [dict(parse_qsl(urlsplit(url).query)) for url in (first, second)]
    for name in ("state", "nonce", "code_challenge"):
        assert len({one[name] for one in asked}) == 2, name
    assert asked[0]["code_challenge_method"] == "S256"
    assert asked[0]["scope"] == "openid email profile"
    assert asked[0]["redirect_uri"].endswith("/api/v1/auth/oauth/acme/callback")


async def test_pkce_can_be_turned_off(
    configure: Configure, make_browser: MakeBrowser, provider: Provider
) -> None:
    app = configure(oidc_providers=[described(provider)], features={"oauth_pkce": False})
    browser = await make_browser(app)
    assert "code_challenge" not in await browser.begin()
    assert await browser.sign_in(provider, **claims()) == "/"


async def test_the_flow_is_bound_by_a_cookie_that_no_script_reads(browser: Browser) -> None:
    answer = await browser.http.get(f"{AUTH}/oauth/acme/authorize")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))


async def test_two_tabs_do_not_disturb_each_other(browser: Browser, provider: Provider) -> None:
    first, second = await browser.begin(return_to="/one"), await browser.begin(return_to="/two")
    assert await browser.back(first, provider.grant(first, **claims())) == "/one"
    assert await browser.back(second, provider.grant(second, **claims())) == "/two"


async def test_another_browser_cannot_finish(
    browser: Browser, make_browser: MakeBrowser, provider: Provider
) -> None:
    """Cross-device fixation and login CSRF: the code of one browser in another signs nobody in."""
    for begun in (False, True):
        victim = await make_browser()
        if begun:
            await victim.begin()
        url = await browser.begin()
        assert refused(await victim.back(url, provider.grant(url, **claims()))) == "oauth_state_invalid"
        assert await victim.me() is None


async def test_a_state_works_once(browser: Browser, provider: Provider) -> None:
    url = await browser.begin()
    codes = [provider.grant(url, **claims()) for _ in range(5)]
    went = sorted(await asyncio.gather(*(browser.back(url, code) for code in codes)))
    assert went.pop(0) == "/"
    assert [refused(one) for one in went] == ["oauth_state_invalid"] * 4


@pytest.mark.parametrize("state", ["", "x", "é" * 40, "x" * 3000])
async def test_a_made_up_state_is_refused(browser: Browser, state: str) -> None:
    await browser.begin()
    assert refused(await browser.back(f"https://x/?state={state or 'y'}", "code")) == "oauth_state_invalid"


async def test_providers_are_not_mixed_up(
    configure: Configure, make_browser: MakeBrowser, provider: Provider
) -> None:
    """A state begun for one provider is none at another, and an answer that names another issuer is refused."""
    other = Provider()
    other.start()
    try:
        app = configure(oidc_providers=[described(provider), described(other, "evil")])
        browser = await make_browser(app)
        url = await browser.begin("acme")
        went = await browser.back(url, provider.grant(url, **claims()), provider="evil")
        assert refused(went) == "oauth_state_invalid"
        assert other.counted.get("/token") is None
        url = await browser.begin("acme")
        went = await browser.back(url, provider.grant(url, **claims()), iss=other.url)
        assert refused(went) == "oauth_state_invalid"
        assert provider.counted.get("/token") is None
        url = await browser.begin("acme")
        assert await browser.back(url, provider.grant(url, **claims()), iss=provider.url) == "/"
    finally:
        other.stop()


def _stale() -> dict[str, Any]:
    return {"iat": int(time.time()) - 600, "exp": int(time.time()) - 60}


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "somebody-else"},
        {"aud": ["rowhouse", "somebody-else"]},
        {"aud": ["rowhouse", "somebody-else"], "azp": "somebody-else"},
        {"azp": "somebody-else"},
        {"iss": "https://accounts.example.com"},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"sub": ""},
        {"sub": "x" * 256},
        _stale(),
    ],
    ids="-".join,
)
async def test_a_false_id_token_is_refused(browser: Browser, provider: Provider, lie: dict[str, Any]) -> None:
    assert refused(await browser.sign_in(provider, **(claims() | lie))) == "id_token_invalid"
    assert await browser.me() is None


async def test_a_clock_may_differ_by_half_a_minute(browser: Browser, provider: Provider) -> None:
    with time_machine.travel(now(), tick=False):
        moment = int(time.time())
        assert await browser.sign_in(provider, **claims(iat=moment + 20, exp=moment + 300)) == "/"
        assert await browser.sign_in(provider, **claims(iat=moment - 300, exp=moment - 20)) == "/"


async def test_no_algorithm_but_the_keys_own(browser: Browser, provider: Provider) -> None:
    """`none`, HS256 with the public key as its secret, and a stranger's key under the provider's kid."""
    url = await browser.begin()
    asked = dict(parse_qsl(urlsplit(url).query))
    moment = int(time.time())
    said = claims(iss=provider.url, aud="rowhouse", nonce=asked["nonce"], iat=moment, exp=moment + 60)
    kid = provider.keys[0].kid
    modulus = provider.keys[0].public()["n"]
    forged = [
        jwt.encode(said, "", algorithm="none", headers={"kid": kid}),
        jwt.encode(said, modulus, algorithm="HS256", headers={"kid": kid}),
        Key.rsa().sign(said, kid=kid),
        Key.rsa().sign(said),
        "not.a.token",
        "x" * 20_000,
        ["none"],
    ]
    for token in forged:
        provider.lies["id_token"] = token
        went = await browser.back(url, provider.grant(url))
        assert refused(went) == "id_token_invalid"
        url = await browser.begin()


async def test_keys_are_rotated_without_a_pause(
    browser: Browser, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await browser.sign_in(provider, **claims()) == "/"
    monkeypatch.setattr(key_sets, "RELOAD_AT_MOST_EVERY_S", 0.0)
    provider.keys = [Key.ec()]
    assert await browser.sign_in(provider, **claims()) == "/"


async def test_a_code_that_was_used_is_refused(browser: Browser, provider: Provider) -> None:
    url = await browser.begin()
    assert refused(await browser.back(url, "made-up")) == "oauth_denied"


async def test_a_no_at_the_provider_comes_back(browser: Browser) -> None:
    url = await browser.begin()
    assert refused(await browser.back(url, None, error="access_denied")) == "oauth_denied"


async def test_a_provider_that_is_down_is_said_to_be(browser: Browser, provider: Provider) -> None:
    url = await browser.begin()
    code = provider.grant(url, **claims())
    provider.down = True
    assert refused(await browser.back(url, code)) == "provider_away"


async def test_nobody_waits_for_ever(
    browser: Browser, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "DEADLINE_S", 0.3)
    # For as long as it is asked, whatever the machine does meanwhile.
    provider.answering.clear()
    assert refused(await browser.begin()) == "provider_away"
    provider.answering.set()


async def test_an_endless_answer_is_cut(browser: Browser, provider: Provider) -> None:
    provider.padding = fetching.LARGEST_BYTES
    assert refused(await browser.begin()) == "provider_away"


async def test_in_production_nothing_is_asked_without_tls(provider: Provider) -> None:
    with pytest.raises(ProviderAway):
        await fetching.fetch_document(provider.url, tls=True)
    assert not provider.counted


async def test_an_unknown_provider_is_refused(browser: Browser) -> None:
    assert refused(await browser.begin("nobody")) == "provider_unknown"


@pytest.mark.parametrize(
    "return_to",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "/api/v1/auth/logout",
        "http:evil.example",
        "/é",
        "evil",
        "//[",
    ],
)
async def test_nobody_is_sent_elsewhere(return_to: str, browser: Browser, provider: Provider) -> None:
    url = await browser.begin(return_to=return_to)
    assert await browser.back(url, provider.grant(url, **claims())) == "/"
    assert own_path("/workouts/1?x=%2F#y") == "/workouts/1?x=%2F#y"


# Whose account it is.


async def test_an_unverified_address_opens_nothing(
    browser: Browser, provider: Provider, person: Person
) -> None:
    for verified in (False, None, "no", 1):
        said = claims(email=person.email, email_verified=verified)
        assert refused(await browser.sign_in(provider, **said)) == "oauth_email_unverified"
        assert refused(await browser.sign_in(provider, **claims(email_verified=verified)))
    assert refused(await browser.sign_in(provider, **claims(email="nonsense"))) == "oauth_email_unverified"


async def test_a_verified_address_takes_no_account_over(
    browser: Browser, provider: Provider, person: Person
) -> None:
    said = claims(email=person.email.upper())
    assert refused(await browser.sign_in(provider, **said)) == "oauth_email_taken"
    assert (await person.client.get(f"{AUTH}/identities")).json()["data"] == []


async def test_unless_the_provider_is_trusted_for_its_domain(
    configure: Configure, make_browser: MakeBrowser, provider: Provider, person: Person
) -> None:
    trusted = configure(oidc_providers=[described(provider, trusted_domains=["example.org"])])
    said = claims(email=person.email)
    browser = await make_browser(trusted)
    assert await browser.sign_in(provider, **said) == "/"
    assert (await browser.me())["user"]["id"] == str(person.identity.user_id)
    other = configure(oidc_providers=[described(provider, trusted_domains=["example.com", "org"])])
    browser = await make_browser(other)
    assert refused(await browser.sign_in(provider, **claims(email=person.email))) == "oauth_email_taken"
    events = (await person.client.get(f"{AUTH}/security-events")).json()["data"]
    assert "identity_linked" in [one["kind"] for one in events]


async def test_a_registration_that_nobody_proved_is_no_trap(
    browser: Browser, provider: Provider, platform: Platform, mailbox: Mailbox
) -> None:
    """Somebody registers another's address with a password of their own and waits: the password dies."""
    said = claims()
    trap = {"email": said["email"], "password": "seven-otters-juggle-plums", "name": "Eve"}
    assert (await browser.http.post(f"{AUTH}/register", json=trap)).status_code == 202
    assert await browser.sign_in(provider, **said) == "/"
    assert (await browser.me())["user"]["name"] == "Ada Byron"
    answer = await browser.http.post(
        f"{AUTH}/login", json={"email": said["email"], "password": trap["password"]}
    )
    assert answer.json()["code"] == "invalid_credentials"
    assert mailbox.to(said["email"]) == ["verify_email", "welcome"]


async def test_a_suspended_person_stays_out(browser: Browser, provider: Provider, platform: Platform) -> None:
    said = claims()
    await browser.sign_in(provider, **said)
    async with context(platform, Identity(user_id=(await browser.me())["user"]["id"])) as ctx:
        await ctx.session.execute(update(User).where(User.id == ctx.user).values(state="suspended"))
    assert refused(await browser.sign_in(provider, **said)) == "person_inactive"


async def test_a_second_factor_is_asked_for(
    browser: Browser, provider: Provider, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def factors(_ctx: object) -> list[str]:
        return ["totp"]

    said = claims()
    await browser.sign_in(provider, **said)
    monkeypatch.setattr("rowhouse.kernel.identity.completing.second_factors", factors)
    browser.http.cookies.clear()
    went = urlsplit(await browser.sign_in(provider, **said))
    assert went.path == "/sign-in"
    assert dict(parse_qsl(went.fragment))["factors"] == "totp"
    assert dict(parse_qsl(went.fragment))["mfa_token"]
    assert await browser.me() is None


async def test_a_refusal_leaves_nothing_behind(
    browser: Browser, provider: Provider, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_args: object, **_more: object) -> None:
        raise Unavailable

    said = claims()
    monkeypatch.setattr(signing_in, "complete_sign_in", fail)
    assert refused(await browser.sign_in(provider, **said)) == "unavailable"
    async with context(platform, Identity()) as ctx:
        assert await find_login(ctx, said["email"]) is None


# Linking by hand.


async def signed_in(browser: Browser, person: Person, platform: Platform, *, proved: bool = True) -> None:
    """Signs in by password on a device that is new, and so proves nothing recent by itself."""
    body = {"email": person.email, "password": PASSWORD, "cookies": True}
    answer = await browser.http.post(f"{AUTH}/login", json=body)
    assert answer.status_code == 200, answer.text
    token = (await browser.http.get(f"{AUTH}/csrf-token")).json()["data"]["csrf_token"]
    browser.http.headers["X-CSRF-Token"] = token
    async with context(platform, person.identity) as ctx:
        sessions = await ctx.session.scalars(
            update(Session)
            .where(Session.user_id == ctx.user)
            .values(authenticated_at=now() if proved else None)
            .returning(Session.id)
        )
        await renew_presence(platform.redis, *sessions)


async def begun_link(browser: Browser) -> str:
    answer = await browser.http.post(f"{AUTH}/identities", json={"provider": "acme"})
    assert answer.status_code == 202, answer.text
    url: str = answer.json()["data"]["authorize_url"]
    return url


async def linked(browser: Browser, provider: Provider, said: dict[str, Any]) -> str:
    url = await begun_link(browser)
    return await browser.back(url, provider.grant(url, **said))


async def test_one_links_an_identity_and_signs_in_by_it(
    browser: Browser, make_browser: MakeBrowser, provider: Provider, person: Person, platform: Platform
) -> None:
    await signed_in(browser, person, platform)
    said = claims(email_verified=False)
    assert await linked(browser, provider, said) == "/settings/security"
    assert await linked(browser, provider, said) == "/settings/security"
    [identity] = (await browser.http.get(f"{AUTH}/identities")).json()["data"]
    assert (identity["provider"], identity["issuer"]) == ("acme", provider.url)
    other = await make_browser()
    assert await other.sign_in(provider, **said) == "/"
    assert (await other.me())["user"]["email"] == person.email
    assert (await browser.http.delete(f"{AUTH}/identities/{identity['id']}")).status_code == 204
    assert refused(await (await make_browser()).sign_in(provider, **said)) == "oauth_email_unverified"


async def test_linking_wants_a_csrf_token_and_a_recent_proof(
    browser: Browser, person: Person, platform: Platform
) -> None:
    await signed_in(browser, person, platform, proved=False)
    answer = await browser.http.post(f"{AUTH}/identities", json={"provider": "acme"})
    assert answer.json()["code"] == "step_up_required"
    del browser.http.headers["X-CSRF-Token"]
    answer = await browser.http.post(f"{AUTH}/identities", json={"provider": "acme"})
    assert answer.json()["code"] == "csrf_refused"


async def test_an_identity_is_one_persons(
    make_browser: MakeBrowser, provider: Provider, make_person: MakePerson, platform: Platform
) -> None:
    said = claims()
    first, second = await make_browser(), await make_browser()
    await signed_in(first, await make_person(), platform)
    await signed_in(second, await make_person(), platform)
    await linked(first, provider, said)
    assert await linked(second, provider, said) == "/settings/security?error=identity_taken"


async def test_a_begun_link_ends_with_its_session(
    browser: Browser, provider: Provider, person: Person, platform: Platform
) -> None:
    await signed_in(browser, person, platform)
    url = await begun_link(browser)
    assert (await browser.http.post(f"{AUTH}/logout")).status_code == 204
    went = await browser.back(url, provider.grant(url, **claims()))
    assert went == "/settings/security?error=oauth_state_invalid"
    assert (await person.client.get(f"{AUTH}/identities")).json()["data"] == []


async def test_the_last_way_in_stays(browser: Browser, provider: Provider) -> None:
    await browser.sign_in(provider, **claims())
    token = (await browser.http.get(f"{AUTH}/csrf-token")).json()["data"]["csrf_token"]
    browser.http.headers["X-CSRF-Token"] = token
    [identity] = (await browser.http.get(f"{AUTH}/identities")).json()["data"]
    answer = await browser.http.delete(f"{AUTH}/identities/{identity['id']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "last_way_in")
    assert len((await browser.http.get(f"{AUTH}/identities")).json()["data"]) == 1
