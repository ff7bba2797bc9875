"""Whoever asks for a mail does not choose where its link leads, nor where an answer redirects to."""

import re
from collections.abc import Awaitable, Callable
from email import message_from_bytes, policy
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from rowhouse.kernel.jobs.runner import run_job
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.queue.kinds import JobKind
from tests.kernel.identity.doubles import Caller, Person, signed_in

Mailed = Callable[[str], Awaitable[list[str]]]

EVIL = "evil.example"
SPOOFED = {
    "Host": EVIL,
    "X-Forwarded-Host": EVIL,
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Server": EVIL,
    "X-Original-Host": EVIL,
    "X-Host": EVIL,
    "Forwarded": f"host={EVIL};proto=http",
    "Origin": f"https://{EVIL}",
    "Referer": f"https://{EVIL}/magic",
    "User-Agent": f"Browser https://{EVIL}/agent\r\nBcc: all@{EVIL}",
}
LINK = re.compile(r"https?://[^\s\"'<>]+")


@pytest.fixture
def mailed(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Mailed:
    """The mails to an address as they leave: headers, text and HTML."""
    woken: list[UUID] = []

    async def publish(_kind: JobKind, job_id: UUID) -> bool:
        woken.append(job_id)
        return True

    monkeypatch.setattr(platform.queue, "publish", publish)

    async def read(to: str) -> list[str]:
        while woken:
            await run_job(platform, woken.pop(0), worker="tests", stopping=lambda: False)
        assert platform.settings.mail_dir is not None
        mails = [
            message_from_bytes(f.read_bytes(), policy=policy.default)
            for f in platform.settings.mail_dir.glob("*.eml")
        ]
        return [
            "\n".join([str(mail.items()), *(p.get_content() for p in mail.walk() if not p.is_multipart())])
            for mail in mails
            if mail["To"] == to
        ]

    return read


async def test_every_link_leads_home(
    caller: Caller, person: Person, platform: Platform, mailed: Mailed
) -> None:
    caller.http.headers.update(SPOOFED)
    await signed_in(caller, person)
    invited = f"invited-{person.email}"
    path = f"/api/v1/organizations/{person.identity.organization_id}/invitations"
    await caller.http.post(path, json={"email": invited, "role": "member"})
    await caller.post("/magic-link", {"email": person.email})
    await caller.post("/password/forgot", {"email": person.email})
    await caller.sign_up(person.email)
    found = [*await mailed(person.email), *await mailed(invited)]
    assert len(found) >= 4
    links = [link for mail in found for link in LINK.findall(mail)]
    assert len(links) >= 8
    assert {link for link in links if not link.startswith(platform.settings.public_url)} == set()
    assert EVIL not in "".join(found)


async def test_what_people_call_themselves_is_no_link(caller: Caller, person: Person, mailed: Mailed) -> None:
    """An invitation is mailed to strangers: its words are partly the inviter's, its HTML is not."""
    await signed_in(caller, person)
    lure = await caller.http.patch(
        "/api/v1/auth/me", json={"name": '<a href="https://evil.example">Click</a>'}
    )
    assert lure.status_code == 422, lure.text
    name = '<a href="evil.example">Click</a><script>'
    renamed = await caller.http.patch("/api/v1/auth/me", json={"name": name})
    assert renamed.status_code == 200, renamed.text
    made = await caller.http.post("/api/v1/organizations", json={"name": f"{name}{{{{7*7}}}}"})
    path = f"/api/v1/organizations/{made.json()['data']['id']}/invitations"
    await caller.http.post(path, json={"email": f"i-{person.email}", "role": "member"})
    [mail] = await mailed(f"i-{person.email}")
    html = mail[mail.lower().index("<p>") :]
    assert '<a href="evil' not in html
    assert "<script" not in html
    assert "{{7*7}}" in html


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "/%09/evil.example", "/\t/evil.example",
        "https:evil.example", "javascript:alert(1)", "/@evil.example", " //evil.example", "http://127.0.0.1:8000@evil.example",
    ],
)  # fmt: skip
@pytest.mark.parametrize("provider", ["google", "nobodys", "..%2f..", "%0d%0aSet-Cookie:a=b"])
async def test_no_redirect_leads_away(caller: Caller, platform: Platform, provider: str, target: str) -> None:
    """With providers that are not configured; with one that is, in tests/kernel/federation."""
    for call in ("authorize", "callback"):
        asked = {"return_to": target, "redirect_uri": target, "next": target, "state": target, "iss": target}
        answer = await caller.get(f"/oauth/{provider}/{call}", params=asked, headers=SPOOFED)
        assert answer.status_code < 500, answer.text
        assert not goes_away(answer, platform.settings.public_url)


async def test_hosts_are_believed_nowhere(app: FastAPI, caller: Caller) -> None:
    """Nor in a redirect for a slash too many, which web frameworks like to make from what they were told."""
    for path in app.openapi()["paths"]:
        if "{" not in path:
            for spelling in (f"{path}/", f"//evil.example{path}", f"{path}//"):
                answer = await caller.http.get(f"https://rowhouse.test{spelling}", headers=SPOOFED)
                assert EVIL not in answer.headers.get("location", ""), spelling


def goes_away(answer: httpx.Response, home: str) -> bool:
    location = answer.headers.get("location")
    if location is None:
        return False
    there = httpx.URL(home).join(location)
    return (there.scheme, there.netloc) != (httpx.URL(home).scheme, httpx.URL(home).netloc)
