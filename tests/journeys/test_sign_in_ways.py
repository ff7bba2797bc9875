"""Every way in besides the password alone, and what each says when it does not work."""

import re
import secrets
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Locator, Route, expect

from tests.conftest import PASSWORD
from tests.journeys.conftest import OpenVisit, Resident
from tests.journeys.factors import (
    App,
    mailed_code,
    newest_link,
    plug_in_authenticator,
    type_code,
)
from tests.journeys.visit import Visit
from tests.live import LiveRun

pytestmark = pytest.mark.browser
AUTH = "/api/v1/auth"
NEW_PASSWORD = "slow-herons-borrow-violet-ladders"


def test_a_mailed_code_signs_in_and_an_unknown_address_looks_the_same(
    visit: Visit, resident: Resident, live_run: LiveRun
) -> None:
    page = visit.page
    visit.expect_status(f"{AUTH}/magic-link/verify", 401)
    page.goto("/sign-in?next=%2Fuploads")
    by_mail = page.get_by_role("button", name="Email me a sign-in link")
    by_mail.click()
    expect(page.get_by_text("Enter your email.")).to_be_visible()
    expect(page.get_by_label("Email", exact=True)).to_be_focused()
    unknown = f"{secrets.token_hex(6)}@example.org"
    said = [ask_link(visit, address) for address in (unknown, resident.email)]
    assert said[0].replace(unknown, "") == said[1].replace(resident.email, "")
    visit.look("sign-in-mailed")
    type_code(page, "000000")
    expect(page.get_by_text("This code is wrong or has expired.")).to_be_visible()
    type_code(page, live_run.newest_code(resident.email, after=1))
    expect(page).to_have_url(f"{visit.url}/uploads")


def ask_link(visit: Visit, email: str) -> str:
    """Asks for a link and gives what the page says then, whatever second it counts."""
    page = visit.page
    back = page.get_by_role("button", name="Back to sign-in")
    if back.is_visible():
        back.click()
    page.get_by_label("Email", exact=True).fill(email)
    page.get_by_role("button", name="Email me a sign-in link").click()
    expect(page.get_by_role("heading", name="Check your mail")).to_be_visible()
    return re.sub(r"\b\d+ s\b", "some s", page.get_by_role("main").inner_text())


def test_a_mailed_link_works_once_and_only_when_pressed(
    open_visit: OpenVisit, resident: Resident, live_run: LiveRun
) -> None:
    asking, scanner, person = open_visit(), open_visit(), open_visit()
    known = len(live_run.mails(resident.email))
    asking.page.goto("/sign-in")
    ask_link(asking, resident.email)
    link = newest_link(live_run, resident.email, "/magic", after=known)
    press = scanner.page.get_by_role("button", name="Sign in now")
    scanner.page.goto(link)
    expect(press).to_be_enabled()
    person.page.goto(link)
    expect(person.page.get_by_role("button", name="Sign in now")).to_be_enabled()
    assert person.page.url == f"{person.url}/magic", "the token stays in the address"
    person.look("magic-link")
    person.page.get_by_role("button", name="Sign in now").click()
    expect(person.page).to_have_url(f"{person.url}/today")
    scanner.expect_status(f"{AUTH}/magic-link/verify", 401)
    press.click()
    expect(scanner.page.get_by_text("This link has expired or was used before.")).to_be_visible()
    scanner.look("magic-link-used")
    scanner.page.goto("/magic")
    expect(scanner.page.get_by_text("This page needs the link from our mail")).to_be_visible()


def test_an_authenticator_app_is_set_up_and_asked_for(visit: Visit, resident: Resident) -> None:
    page = visit.page
    visit.expect_status(f"{AUTH}/login", 401)
    visit.expect_status(f"{AUTH}/mfa/verify", 401)
    app, codes = set_up_app(visit, resident)
    begin_sign_in(visit, resident)
    visit.look("sign-in-totp")
    type_code(page, "000000")
    expect(page.get_by_text("This code is not right or was used before.")).to_be_visible()
    page.evaluate("code => navigator.clipboard.writeText(code)", app.code())
    page.get_by_role("textbox", name="Six-digit code").click()
    page.keyboard.press("Control+V")
    expect(page).to_have_url(f"{visit.url}/today")
    begin_sign_in(visit, resident)
    page.get_by_role("button", name="Use a recovery code").click()
    page.get_by_label("Recovery code").fill("wrong")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("A recovery code has ten letters and digits.")).to_be_visible()
    visit.look("sign-in-recovery")
    page.get_by_label("Recovery code").fill(codes[0].upper())
    page.get_by_role("button", name="Confirm").click()
    expect(page).to_have_url(f"{visit.url}/today")
    page.goto("/settings/security")
    expect(page.get_by_text("9 codes left")).to_be_visible()


def set_up_app(visit: Visit, resident: Resident) -> tuple[App, list[str]]:
    """On the security page, from the first press to the recovery codes."""
    page = visit.page
    visit.expect_status(f"{AUTH}/mfa/totp/confirm", 401)
    visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit.sign_in(resident.email, resident.password, at="/settings/security")
    expect(page.get_by_text("No passkeys yet")).to_be_visible()
    visit.look("security-empty")
    page.get_by_role("button", name="Set up").click()
    dialog = page.get_by_role("dialog", name="Set up an authenticator app")
    expect(dialog.get_by_role("img", name="QR code")).to_be_visible()
    visit.look("totp-set-up")
    app = App(dialog.locator("code").inner_text())
    type_code(page, "000000")
    expect(dialog.get_by_text("This code is not right.")).to_be_visible()
    type_code(page, app.code())
    kept = page.get_by_role("dialog", name="Keep your recovery codes")
    expect(kept.get_by_role("listitem")).to_have_count(10)
    visit.look("recovery-codes")
    codes = kept.get_by_role("listitem").all_inner_texts()
    page.keyboard.press("Escape")
    kept.get_by_role("button", name="Copy").click()
    assert page.evaluate("navigator.clipboard.readText()") == "\n".join(codes)
    with page.expect_download() as saved:
        kept.get_by_role("button", name="Download").click()
    assert codes[9] in saved.value.path().read_text()
    kept.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_text("10 codes left")).to_be_visible()
    return app, codes


def begin_sign_in(visit: Visit, resident: Resident) -> None:
    """Leaves, and gives the password: the second step is due."""
    page = visit.page
    sign_out(visit)
    page.goto("/sign-in")
    page.get_by_label("Email", exact=True).fill(resident.email)
    page.get_by_label("Password", exact=True).fill(resident.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()


def sign_out(visit: Visit) -> None:
    visit.page.get_by_role("button", name="Account").click()
    visit.page.get_by_role("menuitem", name="Sign out").click()
    visit.page.wait_for_url("**/sign-in?ended=1")


def test_a_passkey_is_added_renamed_signs_in_and_is_removed(
    open_visit: OpenVisit, resident: Resident
) -> None:
    # Browsers know passkeys for names alone, not for addresses in digits.
    visit = open_visit(host="localhost")
    page = visit.page
    visit.sign_in(resident.email, resident.password)
    plug_in_authenticator(visit)
    page.goto("/settings/security")
    page.get_by_role("button", name="Add a passkey").click()
    dialog = page.get_by_role("dialog", name="Add a passkey")
    expect(dialog.get_by_label("Name")).to_have_value("Linux passkey")
    visit.look("passkey-name")
    dialog.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Linux passkey", exact=True)).to_be_visible()
    rename_passkey(visit)
    visit.look("security-passkey")
    page.evaluate("PublicKeyCredential.isConditionalMediationAvailable = async () => false")
    sign_out(visit)
    page.get_by_role("button", name="Continue with a passkey").click()
    expect(page).to_have_url(f"{visit.url}/today")
    # The browser offers it at the email field as well, where this device agrees without being asked twice.
    page.goto("/uploads")
    sign_out(visit)
    expect(page).to_have_url(f"{visit.url}/today")
    page.goto("/settings/security")
    page.get_by_role("button", name="Actions for Desk").click()
    page.get_by_role("menuitem", name="Remove").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("No passkeys yet")).to_be_visible()


def rename_passkey(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("button", name="Actions for Linux passkey").click()
    page.get_by_role("menuitem", name="Rename").click()
    dialog = page.get_by_role("dialog", name="Rename the passkey")
    dialog.get_by_label("Name").fill("Desk")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Desk", exact=True)).to_be_visible()


def test_an_address_in_digits_says_where_passkeys_work(visit: Visit, live_run: LiveRun) -> None:
    page = visit.page
    page.goto("/sign-in")
    page.get_by_role("button", name="Continue with a passkey").click()
    named = live_run.url.replace("127.0.0.1", "localhost")
    expect(page.get_by_text(f"Open {named} instead.")).to_be_visible()


def test_a_forgotten_password_is_chosen_anew_and_ends_other_sessions(
    visit: Visit, resident: Resident, live_run: LiveRun
) -> None:
    page = visit.page
    visit.expect_status(f"{AUTH}/password/reset", 422)
    visit.expect_status(f"{AUTH}/password/reset", 401)
    known = len(live_run.mails(resident.email))
    page.goto("/sign-in")
    page.get_by_role("link", name="Forgot password?").click()
    expect(page.get_by_role("heading", name="Forgot your password?")).to_be_visible()
    page.get_by_label("Email", exact=True).fill(resident.email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text("a mail with a link is on its way")).to_be_visible()
    visit.look("forgot-password")
    link = newest_link(live_run, resident.email, "/reset-password", after=known)
    page.goto(link)
    choose_password(page.get_by_role("main"), resident.password)
    expect(page.get_by_text("Choose one that you have not used before.")).to_be_visible()
    visit.look("reset-password-refused")
    choose_password(page.get_by_role("main"), NEW_PASSWORD)
    expect(page.get_by_text("Your password is changed")).to_be_visible()
    assert resident.client.get("/auth/me").status_code == httpx.codes.UNAUTHORIZED
    visit.sign_in(resident.email, NEW_PASSWORD, at=link)
    choose_password(page.get_by_role("main"), PASSWORD + "-again")
    expect(page.get_by_text("This link has expired or was used before.")).to_be_visible()


def choose_password(place: Locator, password: str) -> None:
    place.get_by_label("New password").fill(password)
    place.get_by_role("button", name="Change password").click()


def test_what_a_provider_could_not_do_is_said_and_goes_with_the_first_try(visit: Visit) -> None:
    page = visit.page
    page.goto("/sign-in?error=oauth_email_taken&return_to=%2Fuploads")
    expect(page.get_by_role("alert").filter(has_text="then link the provider under Security")).to_be_visible()
    visit.look("sign-in-provider-refused")
    page.goto("/sign-in?error=%3Cscript%3E")
    expect(page.get_by_text("Signing in that way did not work.")).to_be_visible()
    page.goto("/unlock")
    expect(page.get_by_text("This page needs the link from our mail")).to_be_visible()


def test_too_many_tries_show_the_wait(visit: Visit, resident: Resident) -> None:
    page = visit.page
    visit.expect_status(f"{AUTH}/login", 429)
    problem = {"type": "about:blank", "title": "Too many", "status": 429, "code": "too_many_attempts"}
    page.route(
        f"**{AUTH}/login",
        lambda route: route.fulfill(status=429, json=problem, headers={"Retry-After": "900"}),
    )
    page.goto("/sign-in")
    page.get_by_label("Email", exact=True).fill(resident.email)
    page.get_by_label("Password", exact=True).fill("not-my-password-at-all")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("Too many tries. Try again in 15 min.")).to_be_visible()
    expect(page.get_by_role("button", name="Try again in 15 min")).to_be_disabled()
    visit.look("sign-in-limited")
    mail = page.get_by_role("button", name="Email me a sign-in link")
    expect(mail).to_be_enabled()


def test_a_mailed_code_is_not_enough_for_who_has_a_second_factor(
    open_visit: OpenVisit, resident: Resident, live_run: LiveRun
) -> None:
    owner, other = open_visit(), open_visit()
    app, _ = set_up_app(owner, resident)
    other.expect_status(f"{AUTH}/magic-link/verify", 401)
    other.page.goto("/sign-in")
    code = mailed_code(live_run, resident.email, lambda: ask_link(other, resident.email))
    type_code(other.page, code)
    expect(other.page.get_by_role("heading", name="One more step")).to_be_visible()
    type_code(other.page, app.code())
    expect(other.page).to_have_url(f"{other.url}/today")


def test_a_provider_brings_back_a_session_or_its_second_step(
    visit: Visit, resident: Resident, live_run: LiveRun
) -> None:
    page = visit.page
    listed = {"data": [{"id": "acme", "title": "Acme"}], "page": {"next": None, "limit": 50}}
    page.route(f"**{AUTH}/providers", lambda route: route.fulfill(json=listed))
    page.goto("/sign-in?next=%2Fuploads")
    link = page.get_by_role("link", name="Continue with Acme")
    expect(link).to_be_visible()
    visit.look("sign-in-providers")
    asked = urlsplit(link.get_attribute("href") or "")
    assert asked.path == f"{AUTH}/oauth/acme/authorize"
    assert parse_qs(asked.query) == {"return_to": ["/arrived?next=%2Fuploads"], "stay": ["true"]}
    app, _ = set_up_app(visit, resident)
    # As a provider's sign-in leaves it: cookies alone, nothing that the page has kept.
    page.evaluate("localStorage.removeItem('rowhouse.session')")
    page.goto("/arrived?next=%2Fuploads")
    expect(page).to_have_url(f"{visit.url}/uploads")
    sign_out(visit)
    given = {"email": resident.email, "password": resident.password, "cookies": True}
    due = live_run.ask("POST", f"{AUTH}/login", json=given).json()
    factors = ",".join(due["factors"])
    page.goto(f"/sign-in?return_to=%2Fuploads#mfa_token={due['mfa_token']}&factors={factors}")
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    assert due["mfa_token"] not in page.url
    type_code(page, app.code())
    expect(page).to_have_url(f"{visit.url}/uploads")
    sign_out(visit)
    for status in (401, 403):
        visit.expect_status(f"{AUTH}/refresh", status)
    page.goto("/arrived")
    expect(page.get_by_text("The sign-in did not reach us.")).to_be_visible()


def test_a_second_step_that_is_over_begins_again(visit: Visit) -> None:
    page = visit.page
    visit.expect_status(f"{AUTH}/mfa/verify", 401)
    page.goto("/sign-in#mfa_token=unknown&factors=totp")
    type_code(page, "123456")
    expect(page.get_by_text("This sign-in took too long or was tried too often.")).to_be_visible()
    expect(page.get_by_label("Password", exact=True)).to_be_visible()


def test_a_lock_out_is_ended_by_its_link_when_pressed(visit: Visit) -> None:
    page = visit.page
    shown: list[object] = []

    def answer(route: Route) -> None:
        shown.append(route.request.post_data_json)
        route.fulfill(status=204)

    page.route(f"**{AUTH}/unlock", answer)
    page.goto("/unlock#token=from-the-mail")
    expect(page.get_by_role("button", name="It was me")).to_be_enabled()
    assert page.url == f"{visit.url}/unlock"
    assert not shown
    visit.look("unlock")
    page.get_by_role("button", name="It was me").click()
    expect(page.get_by_text("This browser is let in.")).to_be_visible()
    assert shown == [{"token": "from-the-mail"}]
