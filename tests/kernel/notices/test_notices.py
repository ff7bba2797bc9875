"""Notices over HTTP: one's own, once each, read when they are read, and told as somebody has chosen."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from rowhouse.kernel.context import Ctx, RequestInfo
from rowhouse.kernel.notices import posting
from rowhouse.kernel.notices.kernel_kinds import EXPORT_READY, KINDS, SECURITY, WEBHOOK_DISABLED
from rowhouse.kernel.notices.kinds import NoticeKind
from rowhouse.kernel.notices.posting import Told, post
from rowhouse.kernel.organizations.models import Account
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from tests.conftest import MakePerson, Person
from tests.kernel.membership.teams import data, refused

NOTICES = "/api/v1/notices"


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Addresses and templates of what would be mailed."""
    kept: list[tuple[str, str]] = []

    async def keep(_ctx: Ctx, email: str, template: str, _values: Mapping[str, Any]) -> UUID:
        kept.append((email, template))
        return uuid7()

    monkeypatch.setattr(posting, "send_mail", keep)
    return kept


async def tell(platform: Platform, person: Person, *occasions: str, kind: NoticeKind = EXPORT_READY) -> None:
    async with open_context(platform, person.identity, RequestInfo("test")) as ctx:
        for occasion in occasions:
            await post(ctx, kind, [ctx.account], Told(f"About {occasion}.", "/settings/privacy", occasion))


async def listed(person: Person, query: str = "") -> list[str]:
    return [one["text"] for one in data(await person.client.get(f"{NOTICES}{query}"))]


async def unread(person: Person) -> int:
    found: int = data(await person.client.get(f"{NOTICES}/unread"))["unread"]
    return found


async def test_an_occasion_is_told_once_and_stays_read(platform: Platform, person: Person) -> None:
    await tell(platform, person, "a", "a")
    await tell(platform, person, "a")
    (notice,) = data(await person.client.get(NOTICES))
    assert (notice["title"], notice["text"]) == ("Finished exports", "About a.")
    assert (notice["href"], notice["read_at"]) == ("/settings/privacy", None)
    read = data(await person.client.post(f"{NOTICES}/{notice['id']}/read"))
    assert read["read_at"] is not None
    assert data(await person.client.post(f"{NOTICES}/{notice['id']}/read")) == read, "since then"
    await tell(platform, person, "a")  # as when its event is replayed
    assert data(await person.client.get(NOTICES)) == [read]
    await tell(platform, person, "a", kind=WEBHOOK_DISABLED)
    assert await unread(person) == 1, "another kind is another thing"


async def test_pages_and_reading_up_to_what_was_seen(platform: Platform, person: Person) -> None:
    await tell(platform, person, *"abcd")
    answer = (await person.client.get(f"{NOTICES}?limit=3")).json()
    assert [one["text"][6] for one in answer["data"]] == ["d", "c", "b"]
    cursor = answer["page"]["next"]
    assert await listed(person, f"?limit=3&cursor={cursor}") == ["About a."]
    assert refused(await person.client.get(f"{NOTICES}?unread=true&cursor={cursor}")) == (
        400,
        "invalid_cursor",
    )
    seen = answer["data"][1]["id"]
    assert data(await person.client.post(f"{NOTICES}/read", json={"up_to": seen})) == {"unread": 1}
    assert await listed(person, "?unread=true") == ["About d."]
    assert data(await person.client.post(f"{NOTICES}/read", json={})) == {"unread": 0}
    assert (await listed(person, "?unread=true"), len(await listed(person))) == ([], 4)


async def test_nobody_elses_is_there(platform: Platform, make_person: MakePerson) -> None:
    ada, bob = await make_person(), await make_person()
    await tell(platform, ada, "a")
    (notice,) = data(await ada.client.get(NOTICES))
    assert await listed(bob) == []
    for unknown in (notice["id"], uuid4()):
        assert refused(await bob.client.post(f"{NOTICES}/{unknown}/read")) == (404, "not_found")
    data(await bob.client.post(f"{NOTICES}/read", json={"up_to": notice["id"]}))
    assert await unread(ada) == 1
    # An account that belongs elsewhere is told nothing, whoever names it.
    async with open_context(platform, bob.identity, RequestInfo("test")) as ctx:
        await post(ctx, EXPORT_READY, [ada.identity.account_id or uuid7()], Told("No.", "/jobs", "no"))
    assert await unread(ada) == 1


async def test_a_suspended_account_is_told_nothing(
    platform: Platform, person: Person, mails: list[tuple[str, str]]
) -> None:
    async with open_context(platform, person.identity, RequestInfo("test")) as ctx:
        mine = (Account.organization_id == ctx.org, Account.id == ctx.account)
        await ctx.session.execute(update(Account).where(*mine).values(state="suspended"))
        await post(ctx, WEBHOOK_DISABLED, [ctx.account], Told("No.", "/jobs", "no"))
        await ctx.session.execute(update(Account).where(*mine).values(state="active"))
    assert (await listed(person), mails) == ([], [])


@pytest.mark.parametrize(("in_app", "mail"), [(True, True), (True, False), (False, True), (False, False)])
async def test_somebody_is_told_as_they_have_chosen(
    platform: Platform, person: Person, mails: list[tuple[str, str]], in_app: bool, mail: bool
) -> None:
    path = f"{NOTICES}/preferences/{WEBHOOK_DISABLED.name}"
    for chosen in ({"in_app": True, "mail": True}, {"in_app": in_app, "mail": mail}):
        said = data(await person.client.put(path, json=chosen))
        assert (said["in_app"], said["mail"]) == tuple(chosen.values())
    for _ in range(2):
        await tell(platform, person, "a", kind=WEBHOOK_DISABLED)
    assert await listed(person) == (["About a."] if in_app else [])
    assert await unread(person) == int(in_app)
    assert mails == ([(person.email, "notice")] if mail else [])


async def test_without_a_choice_as_declared(
    platform: Platform, person: Person, mails: list[tuple[str, str]]
) -> None:
    found = {one["kind"]: one for one in data(await person.client.get(f"{NOTICES}/preferences"))}
    assert platform.registry.notices.keys() == found.keys() > {kind.name for kind in KINDS}
    for kind in KINDS:
        said = found[kind.name]
        assert (said["in_app"], said["mail"], said["always"]) == (True, kind.mailed, kind.always)
        await tell(platform, person, "a", kind=kind)
    assert len(await listed(person)) == len(KINDS)
    assert len(mails) == sum(kind.mailed for kind in KINDS)


async def test_security_cannot_be_switched_off(person: Person) -> None:
    path = f"{NOTICES}/preferences/{SECURITY.name}"
    for chosen in ({"in_app": False, "mail": True}, {"in_app": True, "mail": False}):
        assert refused(await person.client.put(path, json=chosen)) == (409, "notice_always_sent")
    data(await person.client.put(path, json={"in_app": True, "mail": True}))
    unknown = await person.client.put(f"{NOTICES}/preferences/none.such", json={"in_app": True, "mail": True})
    assert refused(unknown) == (404, "not_found")


async def test_a_security_event_is_a_notice_too(platform: Platform, person: Person) -> None:
    codes = await person.client.post("/api/v1/auth/password/change", json={"old": "wrong", "new": "wrong"})
    assert codes.status_code in (401, 422), "a refused change is none"
    assert await listed(person) == []
    change = {"old": "quiet-otters-paddle-upstream-42", "new": "loud-herons-wade-downstream-77"}
    answer = await person.client.post("/api/v1/auth/password/change", json=change)
    assert answer.status_code == 204, answer.text
    (notice,) = data(await person.client.get(NOTICES))
    assert (notice["kind"], notice["href"]) == (SECURITY.name, "/settings/security")
