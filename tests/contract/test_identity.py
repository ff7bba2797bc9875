"""Identity as the contract promises it: over HTTP alone, and with the mails as they are delivered."""

import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from rowhouse.kernel.jobs.runner import run_job
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.queue.kinds import JobKind

AUTH = "/api/v1/auth"
PASSWORD = "seven-otters-juggle-plums"
Mails = Callable[[str], Awaitable[list[EmailMessage]]]


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A browser or a client at an address of its own; over TLS, as Secure cookies want it."""
    address = f"2001:db8:1::{secrets.token_hex(2)}:{secrets.token_hex(2)}"
    transport = httpx.ASGITransport(app, client=(address, 1))
    async with httpx.AsyncClient(transport=transport, base_url="https://rowhouse.test") as client:
        yield client


@pytest.fixture
def email() -> str:
    return f"c{secrets.token_hex(8)}@example.com"


@pytest.fixture
def mails(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Mails:
    """Delivers what waits, as a worker would, and reads what lies in the mail folder for an address."""
    woken: list[UUID] = []

    async def publish(_kind: JobKind, job_id: UUID) -> bool:
        woken.append(job_id)
        return True

    monkeypatch.setattr(platform.queue, "publish", publish)

    async def read(to: str) -> list[EmailMessage]:
        while woken:
            await run_job(platform, woken.pop(0), worker="tests", stopping=lambda: False)
        folder = platform.settings.mail_dir
        assert folder is not None
        files = sorted(folder.glob("*.eml")) if folder.exists() else []
        found = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
        return [mail for mail in found if mail["To"] == to]

    return read


def code_in(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    (code,) = set(re.findall(r"\b[0-9]{6}\b", body.get_content()))
    return str(code)


def inside(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()["data"]


def problem(answer: httpx.Response, status: int, code: str) -> Any:
    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
    assert body["type"]
    assert body["title"]
    assert body["detail"]
    assert body["request_id"] == answer.headers["x-request-id"]
    return body


async def registered(http: httpx.AsyncClient, mails: Mails, email: str, **more: str) -> dict[str, Any]:
    answer = await http.post(
        f"{AUTH}/register", json={"email": email, "password": PASSWORD, "name": "Ada Byron"} | more
    )
    assert answer.status_code == 202
    (mail,) = await mails(email)
    signed_in: dict[str, Any] = inside(
        await http.post(f"{AUTH}/verify-email", json={"email": email, "code": code_in(mail)})
    )
    return signed_in


async def test_from_register_to_logout(http: httpx.AsyncClient, mails: Mails, email: str) -> None:
    first = await registered(http, mails, email, organization="Otters")
    assert set(first) == {"access_token", "refresh_token", "token_type", "expires_in", "account"}
    assert set(first["account"]) == {"id", "organization_id", "role"}
    login = inside(await http.post(f"{AUTH}/login", json={"email": email, "password": PASSWORD}))
    assert set(login) == set(first)
    assert (login["token_type"], login["account"]) == ("Bearer", first["account"])
    renewed = inside(await http.post(f"{AUTH}/refresh", json={"refresh_token": login["refresh_token"]}))
    headers = {"Authorization": f"Bearer {renewed['access_token']}"}
    me = inside(await http.get(f"{AUTH}/me", headers=headers))
    assert set(me) == {"user", "account", "accounts", "organization", "permissions"}
    assert set(me["user"]) == {"id", "email", "name", "email_verified"}
    assert me["organization"]["name"] == me["accounts"][0]["organization_name"] == "Otters"
    assert all(set(one) == {"permission", "source"} for one in me["permissions"])
    assert (await http.post(f"{AUTH}/logout", headers=headers)).status_code == 204
    problem(await http.get(f"{AUTH}/me", headers=headers), 401, "session_ended")
    first_headers = {"Authorization": f"Bearer {first['access_token']}"}
    assert (await http.post(f"{AUTH}/logout-all", headers=first_headers)).status_code == 204
    problem(await http.get(f"{AUTH}/me", headers=first_headers), 401, "session_ended")


async def test_a_browser_signs_in_by_cookies(http: httpx.AsyncClient, mails: Mails, email: str) -> None:
    await registered(http, mails, email)
    answer = await http.post(f"{AUTH}/login", json={"email": email, "password": PASSWORD, "cookies": True})
    assert inside(answer)["access_token"] is None
    assert all(
        "Secure" in cookie and "HttpOnly" in cookie and "SameSite" in cookie
        for cookie in answer.headers.get_list("set-cookie")
    )
    assert (await http.get(f"{AUTH}/me")).status_code == 200
    problem(await http.post(f"{AUTH}/logout"), 403, "csrf_refused")
    token = inside(await http.get(f"{AUTH}/csrf-token"))["csrf_token"]
    assert (await http.post(f"{AUTH}/refresh", headers={"X-CSRF-Token": token})).status_code == 200
    assert (await http.post(f"{AUTH}/logout", headers={"X-CSRF-Token": token})).status_code == 204
    problem(await http.get(f"{AUTH}/me"), 401, "not_authenticated")


async def test_nobody_learns_whether_an_email_is_known(
    http: httpx.AsyncClient, mails: Mails, email: str
) -> None:
    await registered(http, mails, email)
    unknown = f"u{email}"
    for path, body, status in (
        ("/register", {"password": PASSWORD, "name": "Eve"}, 202),
        ("/resend-code", {}, 202),
        ("/login", {"password": f"{PASSWORD}!"}, 401),
        ("/verify-email", {"code": "123456"}, 401),
    ):
        answers = [await http.post(AUTH + path, json={"email": one} | body) for one in (email, unknown)]
        told = [answer.json() for answer in answers]
        for one in told:
            one.pop("request_id", None)
            one.get("data", {}).pop("email", None)
            one.get("data", {}).pop("registration", None)
        assert told[0] == told[1]
        assert [answer.status_code for answer in answers] == [status, status]
    known_mails, unknown_mails = await mails(email), await mails(unknown)
    assert "already" in known_mails[-1]["Subject"]
    assert code_in(unknown_mails[0])


async def test_a_name_reaches_no_header_of_a_mail(http: httpx.AsyncClient, mails: Mails, email: str) -> None:
    hostile = {"email": email, "password": PASSWORD, "name": "Ada\r\nBcc: all@example.com"}
    body = problem(await http.post(f"{AUTH}/register", json=hostile), 422, "invalid_input")
    assert [error["field"] for error in body["errors"]] == ["name"]
    assert await mails(email) == []
    lure = {
        "email": email,
        "password": PASSWORD,
        "name": "Ada",
        "organization": "Buy now at https://evil.example",
    }
    body = problem(await http.post(f"{AUTH}/register", json=lure), 422, "invalid_input")
    assert [error["field"] for error in body["errors"]] == ["organization"]
    await registered(http, mails, email, organization="Buy now at evil.example")
    sent = await mails(email)
    assert len(sent) == 2
    for mail in sent:
        assert "evil" not in mail.as_string()
        assert mail["Bcc"] is None


async def test_every_refusal_names_its_field(http: httpx.AsyncClient) -> None:
    body = problem(await http.post(f"{AUTH}/register", json={"role": "owner"}), 422, "invalid_input")
    assert {error["field"] for error in body["errors"]} == {"email", "password", "name", "role"}
    assert all(set(error) == {"field", "code", "message"} for error in body["errors"])


async def test_the_keys_are_published(http: httpx.AsyncClient) -> None:
    answer = await http.get("/.well-known/jwks.json")
    assert answer.status_code == 200
    keys = answer.json()["keys"]
    assert keys
    for key in keys:
        assert (key["kty"], key["alg"], key["use"]) == ("RSA", "RS256", "sig")
        assert not {"d", "p", "q", "dp", "dq", "qi"} & set(key)


async def test_every_route_is_described(http: httpx.AsyncClient) -> None:
    described = (await http.get("/openapi.json")).json()["paths"]
    for path in ("register", "verify-email", "resend-code", "login", "refresh", "logout", "logout-all"):
        assert described[f"{AUTH}/{path}"]["post"]["description"]
    for path in ("me", "csrf-token"):
        schema = described[f"{AUTH}/{path}"]["get"]["responses"]["200"]["content"]["application/json"][
            "schema"
        ]
        assert schema
