"""Passkeys, sign-in at providers and the outside identity provider, by HTTP alone."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.contract.asking import Someone, inside, listed, problem
from tests.generators.authenticator import Authenticator
from tests.generators.provider import Key
from tests.live import LiveRun

AUTH = "/api/v1/auth"


def test_a_passkey_from_registration_to_deletion(live_run: LiveRun, someone: Someone) -> None:
    device = Authenticator(live_run.url)
    options = inside(someone.http.post(f"{AUTH}/passkeys/options"))["options"]
    asked = {"name": "Ada's phone", "credential": device.create(options)}
    made = inside(someone.http.post(f"{AUTH}/passkeys", json=asked), 201)
    assert set(made) == {"id", "name", "synced", "created_at", "last_used_at"}
    with live_run.client() as stranger:
        options = inside(stranger.post(f"{AUTH}/passkeys/sign-in/options"))["options"]
        shown = {"credential": device.get(options)}
        said = inside(stranger.post(f"{AUTH}/passkeys/sign-in", json=shown))
        assert set(said) == set(someone.said)
        assert said["account"] == someone.said["account"]
        problem(stranger.post(f"{AUTH}/passkeys/sign-in", json=shown), 401, "passkey_refused")
        options = inside(stranger.post(f"{AUTH}/passkeys/sign-in/options"))["options"]
        shown = {"credential": device.get(options)}
        said = inside(stranger.post(f"{AUTH}/passkeys/sign-in", json=shown | {"cookies": True}))
        assert (said["access_token"], said["refresh_token"]) == (None, None)
        assert "__Host-rowhouse_access" in stranger.cookies
    found, following = listed(someone.http.get(f"{AUTH}/passkeys"))
    assert ([one["id"] for one in found], following) == ([made["id"]], None)
    path = f"{AUTH}/passkeys/{made['id']}"
    assert inside(someone.http.patch(path, json={"name": "Old phone"}))["name"] == "Old phone"
    assert someone.http.delete(path).status_code == 204
    problem(someone.http.delete(path), 404, "not_found")


def test_providers_are_listed_and_unknown_ones_lead_to_the_sign_in_page(live_run: LiveRun) -> None:
    with live_run.client() as stranger:
        assert listed(stranger.get(f"{AUTH}/providers")) == ([], None)
        for path in ("authorize?return_to=/workouts", "callback?state=x&code=y"):
            answer = stranger.get(f"{AUTH}/oauth/google/{path}")
            assert answer.status_code == 302
            url = urlsplit(answer.headers["location"])
            assert (url.netloc, url.path) == ("", "/sign-in")
            assert dict(parse_qsl(url.query))["error"] in {"provider_unknown", "oauth_state_invalid"}


def test_ones_identities_are_listed(someone: Someone) -> None:
    assert listed(someone.http.get(f"{AUTH}/identities")) == ([], None)
    problem(someone.http.post(f"{AUTH}/identities", json={"provider": "google"}), 404, "provider_unknown")


@pytest.mark.parametrize("proof", [{}, {"X-Frontegg-Signature": "0" * 64}, {"X-Webhook-Secret": "x"}])
def test_webhooks_without_a_configured_secret_are_refused(live_run: LiveRun, proof: dict[str, str]) -> None:
    event = {"eventKey": "frontegg.tenant.created", "tenantId": "t"}
    with live_run.client() as provider:
        answer = provider.post("/api/v1/webhooks/idp/frontegg", json=event, headers=proof)
        problem(answer, 401, "webhook_refused")


def test_tokens_of_foreign_issuers_are_none(live_run: LiveRun, someone: Someone) -> None:
    said = {"iss": "https://app.frontegg.example", "sub": "x", "aud": "y", "iat": 1, "exp": 4_000_000_000}
    headers = {"Authorization": f"Bearer {Key.rsa().sign(said)}"}
    answer = live_run.ask("GET", f"{AUTH}/me", headers=headers)
    problem(answer, 401, "token_invalid")
