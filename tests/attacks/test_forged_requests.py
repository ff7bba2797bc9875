"""Requests that another site makes a signed-in browser send: every door, found by walking the application."""

from fastapi import FastAPI

from rowhouse.kernel.http.credentials import OPERATOR_COOKIE
from tests.attacks.described import unsafe_doors
from tests.kernel.identity.doubles import Caller, Person, code_of, data, signed_in
from tests.kernel.identity.fixtures import MakeCaller, MakePerson
from tests.operators import Operator

CSRF = "X-CSRF-Token"
REFUSED = (403, "csrf_refused")
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "https://evil.example"}


async def token_of(caller: Caller) -> str:
    return str(data(await caller.get("/csrf-token"))["csrf_token"])


async def test_no_door_opens_by_cookie_alone(
    app: FastAPI, browser: Caller, make_caller: MakeCaller, make_person: MakePerson
) -> None:
    """Without the header, with the token of the attacker's own session, with one of nobody's, with an empty one."""
    attacker = await make_caller()
    await signed_in(attacker, await make_person(), cookies=True)
    forged: tuple[dict[str, str], ...] = (
        {},
        {CSRF: await token_of(attacker)},
        {CSRF: await token_of(await make_caller())},
        {CSRF: ""},
    )
    found = unsafe_doors(app, "account")
    assert len(found) >= 40
    for method, path in found:
        for headers in forged:
            answer = await browser.http.request(method, path, headers=headers)
            assert code_of(answer) == REFUSED, f"{method} {path}"
    assert data(await browser.get("/me"))["user"]["name"] == "Ada Byron"
    own = {CSRF: await token_of(browser)}
    answer = await browser.http.patch("/api/v1/auth/me", json={"name": "Ada"}, headers=own)
    assert data(answer)["name"] == "Ada"


async def test_no_form_and_no_other_method_gets_around_it(app: FastAPI, browser: Caller) -> None:
    for method, path in unsafe_doors(app, "account"):
        answer = await browser.http.request(method, path, content=b"name=Eve", headers=FORM)
        assert code_of(answer) == REFUSED, f"{method} {path}"
        asked = {"X-HTTP-Method-Override": method, "X-Method-Override": method}
        await browser.http.get(path, headers=asked, params={"_method": method})
    assert data(await browser.get("/me"))["user"]["name"] == "Ada Byron"


async def test_an_operators_doors_neither(app: FastAPI, operator: Operator, browser: Caller) -> None:
    token = operator.client.headers.pop("Authorization").removeprefix("Bearer ")
    operator.client.cookies.set(OPERATOR_COOKIE, token)
    found = unsafe_doors(app, "operator")
    assert len(found) >= 3
    for method, path in found:
        for headers in ({}, {CSRF: await token_of(browser)}):
            answer = await operator.client.request(method, path, headers=headers)
            assert code_of(answer) == REFUSED, f"{method} {path}"
    me = (await operator.client.get("/api/v1/admin/auth/me")).json()["data"]
    ended = await operator.client.post("/api/v1/admin/auth/logout", headers={CSRF: me["csrf_token"]})
    assert ended.status_code == 204


async def test_a_session_is_not_renewed_from_elsewhere(
    browser: Caller, make_caller: MakeCaller, person: Person
) -> None:
    """The same person's other session has another token, too."""
    other = await make_caller()
    await signed_in(other, person, cookies=True)
    for headers in ({}, {CSRF: await token_of(other)}):
        assert code_of(await browser.post("/refresh", headers=headers)) == REFUSED
    assert (await browser.post("/refresh", headers={CSRF: await token_of(browser)})).status_code == 200
