"""Proving oneself where it is asked for, the links that mend, and a provider that signs in."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import redis
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import GUESSES, OpenVisit, Resident
from tests.journeys.factors import (
    App,
    grow_stale,
    mailed_code,
    newest_link,
    plug_in_authenticator,
    type_code,
)
from tests.journeys.visit import Visit
from tests.live import LiveRun, until

pytestmark = pytest.mark.browser
AUTH = "/api/v1/auth"
ELSEWHERE = "203.0.113.9"
NEW_PASSWORD = "slow-herons-borrow-violet-ladders"


@pytest.fixture(scope="module")
def live_run(rehearsal: LiveRun) -> LiveRun:
    return rehearsal


def asked(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Is it you?")


def test_who_comes_from_elsewhere_proves_it_and_what_they_began_goes_on(
    visit: Visit, resident: Resident, live_run: LiveRun
) -> None:
    page, mine = visit.page, resident.email
    visit.comes_from(ELSEWHERE)
    visit.sign_in(mine, resident.password, at="/organization/members")
    organization = resident.organization_id
    visit.expect_status(f"/api/v1/organizations/{organization}/invitations", 403)
    page.get_by_role("main").get_by_role("button", name="Invite people").first.click()
    inviting = page.get_by_role("dialog", name="Invite people")
    inviting.get_by_label("Email addresses").fill(f"guest-of-{mine}")
    inviting.get_by_role("button", name="Send invitation").click()
    code = mailed_code(live_run, mine, asked(page).get_by_role("button", name="Mail me a code").click)
    type_code(page, code)
    expect(page.get_by_text("1 invitation sent.")).to_be_visible()
    assert len(live_run.mails(f"guest-of-{mine}")) <= 1

    grow_stale(live_run, mine, unusual=True)
    page.goto("/settings/security")
    theirs = resident.client.get("/auth/sessions").json()["data"]
    (other,) = [one["id"] for one in theirs if one["current"]]
    visit.expect_status(f"{AUTH}/sessions/{other}", 403)
    page.get_by_role("button", name="End the session of A Python program").click()
    expect(asked(page).get_by_label("Your password")).to_be_focused()
    page.keyboard.press("Escape")
    expect(asked(page)).to_be_hidden()
    assert resident.client.get("/auth/me").is_success
    page.get_by_role("button", name="End the session of A Python program").click()
    prove_by_password(page, resident.password)
    expect(page.get_by_text("A Python program is signed out.")).to_be_visible()
    assert resident.client.get("/auth/me").status_code == httpx.codes.UNAUTHORIZED

    visit.expect_status(f"{AUTH}/password/change", 403)
    page.get_by_role("button", name="Change password").click()
    changing = page.get_by_role("dialog", name="Change password")
    changing.get_by_label("Present password").fill(resident.password)
    changing.get_by_label("New password").fill(NEW_PASSWORD)
    grow_stale(live_run, mine, unusual=True)
    changing.get_by_role("button", name="Change password").click()
    prove_by_password(page, resident.password)
    expect(page.get_by_text("Password changed.")).to_be_visible()


def prove_by_password(page: Page, password: str) -> None:
    asked(page).get_by_label("Your password").fill(password)
    page.keyboard.press("Enter")
    expect(asked(page)).to_be_hidden()


def test_an_old_proof_is_renewed_by_app_and_by_passkey(
    open_visit: OpenVisit, resident: Resident, live_run: LiveRun
) -> None:
    begun = resident.client.post("/auth/mfa/totp").json()["data"]
    app = App(begun["secret"])
    assert resident.client.post("/auth/mfa/totp/confirm", json={"code": app.code()}).is_success
    visit = open_visit(host="localhost")
    page = visit.page
    for path, status in (("login", 401), ("passkeys/options", 403), ("mfa/recovery-codes", 403)):
        visit.expect_status(f"{AUTH}/{path}", status)
    page.goto("/sign-in")
    page.get_by_label("Email").fill(resident.email)
    page.get_by_label("Password", exact=True).fill(resident.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    type_code(page, app.code())
    expect(page).to_have_url(f"{visit.url}/today")
    plug_in_authenticator(visit)
    page.goto("/settings/security")
    grow_stale(live_run, resident.email)
    page.get_by_role("button", name="Add a passkey").click()
    expect(asked(page).get_by_role("textbox", name="Six-digit code").first).to_be_focused()
    visit.look("step-up-totp")
    type_code(page, app.code())
    page.get_by_role("dialog", name="Add a passkey").get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Linux passkey", exact=True)).to_be_visible()
    grow_stale(live_run, resident.email)
    page.get_by_role("button", name="Make new codes").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Make new codes").click()
    expect(asked(page).get_by_role("button", name="Use a passkey")).to_be_visible()
    visit.look("step-up-passkey")
    asked(page).get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("dialog", name="Keep your recovery codes")).to_be_visible()


def test_who_was_locked_out_by_others_is_let_in_by_the_mailed_link(
    visit: Visit, resident: Resident, live_run: LiveRun
) -> None:
    def guess(n: int) -> int:
        given = {"email": resident.email, "password": "not-their-password-at-all"}
        headers = {"X-Forwarded-For": f"198.51.100.{n + 1}"}
        return live_run.ask("POST", f"{AUTH}/login", json=given, headers=headers).status_code

    known = len(live_run.mails(resident.email))
    with redis.Redis.from_url(live_run.redis_url) as store:  # as if the minute of the registration were over
        store.delete(*store.scan_iter("rate:*"))
    with ThreadPoolExecutor(6) as strangers:
        assert set(strangers.map(guess, range(GUESSES))) == {httpx.codes.UNAUTHORIZED}
    page = visit.page
    visit.comes_from(ELSEWHERE)
    visit.expect_status(f"{AUTH}/login", 429)
    page.goto("/sign-in")
    page.get_by_label("Email", exact=True).fill(resident.email)
    page.get_by_label("Password", exact=True).fill(resident.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("Too many tries.")).to_be_visible()
    page.goto(newest_link(live_run, resident.email, "/unlock", after=known))
    expect(page.get_by_role("button", name="It was me")).to_be_enabled()
    assert page.url == f"{visit.url}/unlock", "the token stays in the address"
    visit.look("unlock")
    page.get_by_role("button", name="It was me").click()
    expect(page.get_by_text("This browser is let in.")).to_be_visible()
    visit.look("unlock-done")
    visit.sign_in(resident.email, resident.password)


def test_a_deleted_organization_is_restored_by_its_link(
    visit: Visit, resident: Resident, live_run: LiveRun
) -> None:
    ours = resident.client
    team = ours.post("/organizations", json={"name": "Otters"}).json()["data"]
    path = f"/organizations/{team.get('id') or team['organization_id']}"
    known = len(live_run.mails(resident.email))
    assert ours.request("DELETE", path, json={"confirm": "Otters"}).is_success
    link = newest_link(live_run, resident.email, "/restore", after=known)
    page = visit.page
    page.goto(link)
    restore = page.get_by_role("button", name="Restore it")
    expect(restore).to_be_enabled()
    assert page.url == f"{visit.url}/restore", "the token stays in the address"
    assert ours.get(path).status_code == httpx.codes.NOT_FOUND
    visit.look("restore")
    restore.click()
    expect(page.get_by_role("heading", name="It is restored")).to_be_visible()
    visit.look("restored")
    until(lambda: ours.get(path).is_success, 30)
    visit.expect_status("/api/v1/organizations/restore", 404)
    page.goto("about:blank")
    page.goto(link)
    restore.click()
    expect(page.get_by_role("heading", name="This link restores nothing any more")).to_be_visible()
    visit.look("restore-used")


def test_a_provider_is_linked_and_signs_in(visit: Visit, resident: Resident, provider: str) -> None:
    page = visit.page
    visit.goes_to(provider)
    visit.sign_in(resident.email, resident.password, at="/settings/security")
    ways = page.get_by_role("region", name="Other ways to sign in")
    ways.get_by_role("button", name="Link Acme").click()
    agree(page, provider)
    expect(page).to_have_url(f"{visit.url}/settings/security")
    expect(ways.get_by_role("button", name="Unlink Acme")).to_be_visible()
    visit.look("security-linked")
    page.get_by_role("button", name="Account").click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.wait_for_url("**/sign-in?ended=1")
    page.get_by_role("link", name="Continue with Acme").click()
    agree(page, provider)
    expect(page).to_have_url(f"{visit.url}/today")
    page.goto("/settings/security")
    ways.get_by_role("button", name="Unlink Acme").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Unlink").click()
    expect(page.get_by_text("Acme is unlinked.")).to_be_visible()


def agree(page: Page, provider: str) -> None:
    """What its person does at the provider."""
    page.wait_for_url(f"{provider}/**")
    page.get_by_role("button", name="ada", exact=True).click()
