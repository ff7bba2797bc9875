"""Browsers: tokens in cookies, and the header that shows a request is the page's own."""

from http.cookies import SimpleCookie
from typing import Any

import httpx
import pytest

from rowhouse.kernel.http.credentials import ACCESS_COOKIE, REFRESH_COOKIE
from rowhouse.kernel.identity.devices_cookie import DEVICE_COOKIE
from tests.kernel.identity.doubles import Caller, Person, code_of, data
from tests.kernel.identity.fixtures import MakeCaller, MakePerson

CSRF = "X-CSRF-Token"


def cookies_of(answer: httpx.Response) -> dict[str, dict[str, Any]]:
    """Each cookie set, with its attributes that are set."""
    found: dict[str, dict[str, Any]] = {}
    for header in answer.headers.get_list("set-cookie"):
        for name, morsel in SimpleCookie(header).items():
            found[name] = {"value": morsel.value} | {k: v for k, v in morsel.items() if v != ""}
    return found


async def csrf(caller: Caller) -> dict[str, str]:
    return {CSRF: data(await caller.get("/csrf-token"))["csrf_token"]}


async def test_tokens_come_only_as_cookies_no_script_can_read(caller: Caller, person: Person) -> None:
    answer = await caller.sign_in(person.email, cookies=True)
    body, cookies = data(answer), cookies_of(answer)
    assert (body["access_token"], body["refresh_token"]) == (None, None)
    assert body["account"]["id"] == str(person.identity.account_id)
    assert body["expires_in"] == 900
    access, refresh = cookies.pop(ACCESS_COOKIE), cookies.pop(REFRESH_COOKIE)
    device = cookies.pop(DEVICE_COOKIE)
    assert cookies == {}
    assert device.pop("value")
    assert device.pop("max-age") == "34560000"
    assert device == {"path": "/", "secure": True, "httponly": True, "samesite": "lax"}
    value = access.pop("value")
    assert value.count(".") == 2
    assert len(value) < 3500
    assert refresh.pop("value").startswith("rt_")
    assert access == {"path": "/", "secure": True, "httponly": True, "samesite": "lax"}
    assert refresh == {"path": "/api/v1/auth", "secure": True, "httponly": True, "samesite": "strict"}
    assert ACCESS_COOKIE.startswith("__Host-")
    assert REFRESH_COOKIE.startswith("__Secure-")


async def test_staying_signed_in_keeps_both_for_a_week(caller: Caller, person: Person) -> None:
    cookies = cookies_of(await caller.sign_in(person.email, cookies=True, stay=True))
    cookies.pop(DEVICE_COOKIE)
    week_s = 7 * 24 * 3600
    assert all(week_s - 60 <= int(cookie["max-age"]) <= week_s for cookie in cookies.values())


async def test_a_browser_reads_without_the_header_and_writes_with_it(caller: Caller, person: Person) -> None:
    await caller.sign_in(person.email, cookies=True)
    assert (await caller.get("/me")).status_code == 200
    assert code_of(await caller.post("/logout")) == (403, "csrf_refused")
    assert code_of(await caller.post("/logout", headers={CSRF: "wrong"})) == (403, "csrf_refused")
    assert code_of(await caller.post("/logout", headers={CSRF: ""})) == (403, "csrf_refused")
    assert (await caller.get("/me")).status_code == 200
    assert (await caller.post("/logout", headers=await csrf(caller))).status_code == 204


async def test_the_header_of_another_session_does_not_do(
    make_caller: MakeCaller, make_person: MakePerson
) -> None:
    ada, eve = await make_person(), await make_person()
    mine, theirs, again = await make_caller(), await make_caller(), await make_caller()
    await mine.sign_in(ada.email, cookies=True)
    await theirs.sign_in(eve.email, cookies=True)
    await again.sign_in(ada.email, cookies=True)
    for other in (theirs, again):
        assert code_of(await mine.post("/logout", headers=await csrf(other))) == (403, "csrf_refused")
        assert code_of(await mine.post("/refresh", headers=await csrf(other))) == (403, "csrf_refused")
    assert await csrf(mine) == await csrf(mine)


async def test_a_stranger_gets_a_token_good_for_nothing(
    caller: Caller, make_caller: MakeCaller, person: Person
) -> None:
    stranger = await make_caller()
    assert await csrf(stranger) != await csrf(stranger)
    await caller.sign_in(person.email, cookies=True)
    assert code_of(await caller.post("/logout", headers=await csrf(stranger))) == (403, "csrf_refused")


async def test_renewing_by_cookie_needs_the_header_and_answers_by_cookie(
    caller: Caller, person: Person
) -> None:
    before = cookies_of(await caller.sign_in(person.email, cookies=True))
    assert code_of(await caller.post("/refresh")) == (403, "csrf_refused")
    answer = await caller.post("/refresh", headers=await csrf(caller))
    after = cookies_of(answer)
    assert data(answer)["refresh_token"] is None
    assert after[REFRESH_COOKIE]["value"] != before[REFRESH_COOKIE]["value"]
    assert "max-age" not in after[REFRESH_COOKIE]
    assert (await caller.get("/me")).status_code == 200


async def test_the_header_can_be_had_after_the_access_token_is_gone(caller: Caller, person: Person) -> None:
    """A page loaded after a quarter of an hour has neither: it asks for the header, then renews."""
    await caller.sign_in(person.email, cookies=True)
    kept = await csrf(caller)
    caller.http.cookies.delete(ACCESS_COOKIE)
    assert await csrf(caller) == kept
    assert (await caller.post("/refresh", headers=kept)).status_code == 200


async def test_signing_out_takes_the_cookies_back(caller: Caller, person: Person) -> None:
    await caller.sign_in(person.email, cookies=True)
    cookies = cookies_of(await caller.post("/logout", headers=await csrf(caller)))
    assert {name: (c["value"], c["max-age"], c["path"]) for name, c in cookies.items()} == {
        ACCESS_COOKIE: ("", "0", "/"),
        REFRESH_COOKIE: ("", "0", "/api/v1/auth"),
    }
    assert code_of(await caller.get("/me")) == (401, "not_authenticated")


async def test_a_session_planted_before_sign_in_is_not_taken_over(
    caller: Caller, make_caller: MakeCaller, make_person: MakePerson
) -> None:
    """Fixation: the attacker's cookies in the victim's browser are replaced, and learn nothing."""
    victim, attacker = await make_person(), await make_person()
    planted = await make_caller()
    await planted.sign_in(attacker.email, cookies=True)
    caller.http.cookies.update(planted.http.cookies)
    await caller.sign_in(victim.email, cookies=True)
    assert data(await planted.get("/me"))["user"]["email"] == attacker.email
    assert data(await caller.get("/me"))["user"]["email"] == victim.email


@pytest.mark.parametrize("value", ["", "rt_nonsense", "x" * 3000, "rt_" + "A" * 43])
async def test_a_nonsense_cookie_is_refused(caller: Caller, value: str) -> None:
    answer = await caller.post("/refresh", headers={"Cookie": f"{REFRESH_COOKIE}={value}"})
    assert code_of(answer) == (401, "refresh_token_invalid")
