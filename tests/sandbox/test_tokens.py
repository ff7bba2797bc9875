"""How each provider treats its tokens: what lives on after a refresh, and what dies."""

import hashlib
import hmac
import time
from typing import Any

import httpx
import pytest

from sandbox.clients import CLIENTS
from tests.sandbox.conftest import BACK, Box
from tests.sandbox.test_documents import OURA_ALL, WHOOP, WHOOP_ALL, WITHINGS_ALL

PAGES = {
    "whoop": ("/oauth/oauth2/auth", "/oauth/oauth2/token", WHOOP_ALL, f"{WHOOP}/user/profile/basic"),
    "oura": ("/oauth/authorize", "/oauth/token", OURA_ALL, "/oura/v2/usercollection/personal_info"),
}


async def tokens(box: Box, provider: str, **form: str) -> httpx.Response:
    client = {"client_id": CLIENTS[provider].id, "client_secret": CLIENTS[provider].secret}
    return await box.http.post(f"/{provider}{PAGES[provider][1]}", data=client | form)


async def status(box: Box, provider: str, access_token: str) -> int:
    answer = await box.http.get(PAGES[provider][3], headers={"authorization": f"Bearer {access_token}"})
    return answer.status_code


async def first_tokens(box: Box, provider: str, scope: str) -> Any:
    athlete = await box.athlete(activities=1, days=1)
    back = await box.consented(f"/{provider}{PAGES[provider][0]}", provider, scope, athlete["id"])
    code = {"grant_type": "authorization_code", "code": back["code"]}
    elsewhere = await tokens(box, provider, **code, redirect_uri="http://elsewhere/")
    assert (elsewhere.status_code, elsewhere.json()["error"]) == (400, "invalid_grant"), (
        "bound to its address"
    )
    return (await tokens(box, provider, **code, redirect_uri=BACK)).json()


@pytest.mark.parametrize(("provider", "old_access"), [("whoop", 401), ("oura", 200)])
async def test_a_refresh_token_serves_once(box: Box, provider: str, old_access: int) -> None:
    first = await first_tokens(box, provider, PAGES[provider][2])
    assert await status(box, provider, first["access_token"]) == 200
    refresh = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = (await tokens(box, provider, **refresh)).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert (await tokens(box, provider, **refresh)).json()["error"] == "invalid_grant"
    assert await status(box, provider, second["access_token"]) == 200
    assert await status(box, provider, first["access_token"]) == old_access


async def test_whoop_gives_no_refresh_token_without_offline_and_none_after_revocation(box: Box) -> None:
    first = await first_tokens(box, "whoop", "read:profile")
    assert "refresh_token" not in first
    headers = {"authorization": f"Bearer {first['access_token']}"}
    assert (await box.http.get(f"{WHOOP}/cycle", headers=headers)).status_code == 403
    assert (await box.http.delete(f"{WHOOP}/user/access", headers=headers)).status_code == 204
    assert await status(box, "whoop", first["access_token"]) == 401


async def withings(box: Box, path: str, **form: str) -> Any:
    return (await box.http.post(f"/withings{path}", data=form)).json()


def signed(action: str, fresh: str) -> str:
    """What Withings calls a signature: over action, client and nonce or moment."""
    known = CLIENTS["withings"]
    return hmac.new(
        known.secret.encode(), f"{action},{known.id},{fresh}".encode(), hashlib.sha256
    ).hexdigest()


async def test_withings_takes_signatures_and_lets_the_old_refresh_token_live_until_the_new_access_token_is_used(
    box: Box,
) -> None:
    athlete = await box.athlete(activities=1, days=3)
    client = {"client_id": CLIENTS["withings"].id}
    back = await box.consented("/withings/oauth2_user/authorize2", "withings", WITHINGS_ALL, athlete["id"])
    now = str(int(time.time()))
    nonce = (
        await withings(
            box,
            "/v2/signature",
            action="getnonce",
            timestamp=now,
            signature=signed("getnonce", now),
            **client,
        )
    )["body"]["nonce"]
    asked = {
        "action": "requesttoken",
        "grant_type": "authorization_code",
        "code": back["code"],
        "redirect_uri": BACK,
        "nonce": nonce,
        "signature": signed("requesttoken", nonce),
        **client,
    }
    first = (await withings(box, "/v2/oauth2", **asked))["body"]
    assert first["userid"] == athlete["ids"]["withings"]
    assert (await withings(box, "/v2/oauth2", **asked))["status"] == 503, "a nonce serves once"

    secret = {
        "client_secret": CLIENTS["withings"].secret,
        "action": "requesttoken",
        "grant_type": "refresh_token",
    }
    refresh = {**client, **secret, "refresh_token": first["refresh_token"]}
    lost = await withings(box, "/v2/oauth2", **refresh)
    again = await withings(box, "/v2/oauth2", **refresh)
    assert (lost["status"], again["status"]) == (0, 0), "the answer may have been lost: the old one serves on"
    headers = {"authorization": f"Bearer {again['body']['access_token']}"}
    used = await box.http.post("/withings/measure", data={"action": "getmeas"}, headers=headers)
    assert len(used.json()["body"]["measuregrps"]) == 3
    assert (await withings(box, "/v2/oauth2", **refresh))["status"] == 503, "until the new one is used"
    await box.control("PUT", "clock", {"ahead_s": 10_801})
    late = await box.http.post("/withings/measure", data={"action": "getmeas"}, headers=headers)
    assert (late.status_code, late.json()["status"]) == (200, 401)
