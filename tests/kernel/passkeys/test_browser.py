"""A real browser's own JSON, made by Chromium's virtual authenticator, is taken as it comes."""

import shutil
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

from tests.contract.asking import inside, registered
from tests.live import LiveRun

AUTH = "/api/v1/auth"
CREATE = """async (json) => {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(json)
  return (await navigator.credentials.create({publicKey})).toJSON()
}"""
GET = """async (json) => {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(json)
  return (await navigator.credentials.get({publicKey})).toJSON()
}"""
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.mark.browser
def test_chromium_registers_and_signs_in(live_run: LiveRun) -> None:
    program = shutil.which("chromium") or shutil.which("google-chrome")
    assert program, "this needs chromium"
    someone = registered(live_run)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        devtools = page.context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        # Browsers know passkeys for names alone, never for an address in digits.
        page.goto(f"http://localhost:{urlsplit(live_run.url).port}/health")
        options = inside(someone.http.post(f"{AUTH}/passkeys/options"))["options"]
        credential: Any = page.evaluate(CREATE, options)
        inside(
            someone.http.post(f"{AUTH}/passkeys", json={"name": "Chromium", "credential": credential}), 201
        )
        for _ in range(2):
            with live_run.client() as stranger:
                options = inside(stranger.post(f"{AUTH}/passkeys/sign-in/options"))["options"]
                shown = {"credential": page.evaluate(GET, options)}
                said = inside(stranger.post(f"{AUTH}/passkeys/sign-in", json=shown))
                assert said["account"] == someone.said["account"]
        browser.close()
    someone.http.close()
