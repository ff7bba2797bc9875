"""An organization from its founding to its end: inviting, joining, roles, removal, switching, settings, keys."""

import re
import secrets

import httpx
import psycopg
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.conftest import PASSWORD, PATIENCE_S
from tests.journeys.conftest import OpenVisit, Resident
from tests.journeys.factors import newest_link, type_code
from tests.journeys.test_phone import failing
from tests.journeys.visit import PHONE, Visit
from tests.live import LiveRun
from tests.services import Services

pytestmark = pytest.mark.browser
TEAM = "Otters of the Upper Lake"
HATCHING = "Herons of the Lower Lake"
GUEST = "Gus Guest"
LAPSED = (
    "auth/me",
    "auth/csrf-token",
    "auth/refresh",
    "workouts",
    "matches",
    "uploads",
    "onboarding/progress",
    "preferences",
    "notices/unread",
    "live",
    "organizations",
    "permissions",
    "roles",
    "grants",
)


def test_an_invited_person_joins_is_given_a_role_and_is_out_when_removed(
    open_visit: OpenVisit, resident: Resident, live_run: LiveRun
) -> None:
    email = signed_up(live_run, GUEST)
    owner, guest = open_visit(), open_visit()
    owner.sign_in(resident.email, resident.password)
    found_team(owner)
    invite(owner, email)
    join(guest, email, newest_link(live_run, email, "/invitation", after=1))
    share(owner, guest)
    give_role(owner, "Member")
    guest.page.goto("/settings/access")
    expect(guest.page.get_by_text(re.compile("^As Member you hold"))).to_be_visible()
    # What they train, and their body.
    expect(guest.page.get_by_text(re.compile("^Robin Example shares with you until"))).to_have_count(2)
    guest.look("my-access")
    make_owner(owner)
    suspend_and_let_in(owner)
    guest.page.goto("/settings/access")
    expect(guest.page.get_by_text(re.compile("^As Owner you hold"))).to_be_visible()
    # The page that is open may ask something at any moment.
    for path in LAPSED:
        guest.expect_status(f"/api/v1/{path}", 401)
    remove(owner)
    expect_out(guest)


def found_team(visit: Visit) -> None:
    """A new organization, made and entered from the switcher."""
    page = visit.page
    switcher(page).click()
    page.get_by_role("menuitem", name="New organization…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_text("Give it a name.")).to_be_visible()
    dialog.get_by_label("Name").fill(TEAM)
    dialog.get_by_role("button", name="Create").click()
    dialog.get_by_role("button", name="Switch to it").click()
    expect(page).to_have_url(f"{visit.url}/organization/members")
    expect(switcher(page)).to_have_accessible_name(f"Organization: {TEAM}. Switch")
    expect(page.get_by_text("You are the only one here")).to_be_visible()
    visit.look("members-alone")


def invite(visit: Visit, email: str) -> None:
    """Two at once, one of them with a mistake at first."""
    page = visit.page
    page.get_by_role("main").get_by_role("button", name="Invite people").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Email addresses").fill(f"{email}, no-address")
    dialog.get_by_role("button", name="Send invitation").click()
    expect(dialog.get_by_text("Not an email address: no-address")).to_be_visible()
    other = f"{secrets.token_hex(6)}@example.org"
    dialog.get_by_label("Email addresses").fill(f"Gus <{email}>, {other}")
    dialog.get_by_label("Role").select_option(label="Coach")
    visit.look("invite")
    dialog.get_by_role("button", name="Send 2 invitations").click()
    expect(page.get_by_text("2 invitations sent.")).to_be_visible()
    page.get_by_role("navigation", name="Organization").get_by_role("link", name="Invitations").click()
    expect(page.get_by_text("Waiting")).to_have_count(2)
    page.get_by_role("button", name=f"Actions for {other}").click()
    page.get_by_role("menuitem", name="Revoke…").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("Revoked", exact=True)).to_be_visible()
    visit.look("invitations")


def join(visit: Visit, email: str, link: str) -> None:
    """From the mailed link by way of the sign-in into the organization."""
    page = visit.page
    page.goto(link)
    expect(page.get_by_role("heading", name=f"Join {TEAM}")).to_be_visible()
    assert "token" not in page.url
    visit.look("invitation-signed-out")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(f"{visit.url}/invitation")
    expect(page.get_by_text(f"You are signed in as {email}.")).to_be_visible()
    visit.look("invitation")
    page.get_by_role("button", name=f"Join {TEAM}").click()
    expect(page).to_have_url(f"{visit.url}/athletes")
    expect(page.get_by_text("Nobody shares their training with you yet")).to_be_visible()
    expect(switcher(page)).to_have_accessible_name(f"Organization: {TEAM}. Switch")


def share(owner: Visit, guest: Visit) -> None:
    """The owner opens their workouts to the guest for a while; both see it."""
    page = owner.page
    page.goto("/settings/sharing")
    page.get_by_role("button", name="Share…").click()
    dialog = page.get_by_role("dialog", name="Share my data")
    dialog.get_by_label("With").select_option(label=f"{GUEST} (Coach)")
    dialog.get_by_label("See my sleep and body too").check()
    owner.look("share")
    dialog.get_by_role("button", name="Share", exact=True).click()
    shared = page.get_by_role("table", name="What you share").get_by_role("row").filter(has_text=GUEST)
    expect(shared).to_contain_text("Workouts, Sleep and body")
    owner.look("sharing")
    guest.page.goto("/settings/sharing")
    expect(
        guest.page.get_by_role("table", name="Shared with you").get_by_text("Robin Example")
    ).to_be_visible()
    guest.page.goto("/workouts")  # of which a coach has none: their first page is opened instead
    expect(guest.page).to_have_url(f"{guest.url}/athletes")
    row = guest.page.get_by_role("row").filter(has_text="Robin Example")
    expect(row).to_contain_text("No workout that you may see")
    guest.look("athletes")
    row.get_by_role("link", name="Robin Example").click()
    expect(guest.page.get_by_role("heading", name="Robin Example")).to_be_visible()
    expect(guest.page.get_by_text("There is no workout that you may see")).to_be_visible()
    page.goto("/organization/members")


def give_role(visit: Visit, role: str) -> None:
    page = visit.page
    expect(row(page)).to_contain_text("Coach")
    visit.look("members")
    open_menu(page, "Change role…")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Role", exact=True).select_option(label=role)
    visit.look("member-role")
    dialog.get_by_role("button", name="Change role").click()
    expect(row(page)).to_contain_text(role)


def make_owner(visit: Visit) -> None:
    page = visit.page
    open_menu(page, "Make owner…")
    dialog = page.get_by_role("alertdialog")
    expect(dialog.get_by_label("And you?")).to_have_value("")
    visit.look("member-owner")
    dialog.get_by_role("button", name="Make owner").click()
    expect(row(page)).to_contain_text("Owner")


def suspend_and_let_in(visit: Visit) -> None:
    page = visit.page
    open_menu(page, "Suspend…")
    page.get_by_role("alertdialog").get_by_role("button", name="Suspend").click()
    expect(row(page).get_by_text("Suspended")).to_be_visible()
    open_menu(page, "Let in again…")
    page.get_by_role("alertdialog").get_by_role("button", name="Let in").click()
    expect(row(page).get_by_text("Suspended")).to_have_count(0)


def remove(visit: Visit) -> None:
    page = visit.page
    open_menu(page, "Remove…")
    visit.look("member-removal")
    page.get_by_role("alertdialog").get_by_role("button", name="Remove").click()
    expect(row(page)).to_have_count(0)


def expect_out(visit: Visit) -> None:
    visit.page.goto("/workouts")
    expect(visit.page).to_have_url(re.compile("/sign-in"))


def test_an_invitation_for_somebody_else_says_what_to_do_and_outlives_a_sign_up(
    visit: Visit, resident: Resident, live_run: LiveRun
) -> None:
    page = visit.page
    team = resident.client.post("/organizations", json={"name": TEAM}).json()["data"]["id"]
    email = f"{secrets.token_hex(6)}@example.org"
    asked = resident.client.post(
        f"/organizations/{team}/invitations", json={"email": email, "role": "member"}
    )
    assert asked.status_code == 201, asked.text
    link = newest_link(live_run, email, "/invitation")
    visit.sign_in(resident.email, resident.password, at=link)
    expect(page.get_by_role("heading", name="This invitation is for somebody else")).to_be_visible()
    expect(page.get_by_text(email)).to_be_visible()
    visit.look("invitation-other-person")
    page.get_by_role("button", name="Sign out and go on").click()
    expect(page).to_have_url(f"{visit.url}/sign-in?next=%2Finvitation")
    page.get_by_role("link", name="Create account").click()
    page.get_by_label("Name").fill("Nia New")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", name="Check your mail")).to_be_visible()
    type_code(page, live_run.newest_code(email, after=1))
    expect(page).to_have_url(f"{visit.url}/invitation")
    page.get_by_role("button", name=f"Join {TEAM}").click()
    expect(switcher(page)).to_have_accessible_name(f"Organization: {TEAM}. Switch")
    visit.expect_status("/api/v1/invitations/preview", 404)
    page.goto("/invitation#token=no-such-token")
    page.reload()
    expect(page.get_by_role("heading", name="This invitation is not valid any more")).to_be_visible()
    visit.look("invitation-invalid")


def test_switching_takes_other_tabs_along_and_works_from_the_palette(
    visit: Visit, resident: Resident
) -> None:
    page = visit.page
    assert resident.client.post("/organizations", json={"name": TEAM}).status_code == 201
    visit.sign_in(resident.email, resident.password)
    other = visit.context.new_page()
    other.goto("/settings/access")
    expect(other.get_by_role("heading", name="My access")).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_role("dialog").get_by_role("combobox").fill("switch to otters")
    page.get_by_role("option", name=f"Switch to {TEAM}, Owner").click()
    expect(switcher(page)).to_have_accessible_name(f"Organization: {TEAM}. Switch")
    expect(other.get_by_text(f"What you may do in {TEAM}, and why.")).to_be_visible()
    other.close()
    switcher(page).click()
    expect(page.get_by_role("menuitem", name="Owner")).to_have_count(2)
    visit.look("switcher")
    page.get_by_role("menuitem", name="All my organizations").click()
    expect(page.get_by_role("button", name="Switch", exact=True)).to_be_visible()
    visit.look("organizations")


def test_one_that_is_being_set_up_is_switched_to_once_it_is(
    visit: Visit, resident: Resident, live_run: LiveRun, services: Services
) -> None:
    page, dsn = visit.page, services.dsn("postgres", live_run.database)

    def become(state: str) -> None:
        with psycopg.connect(dsn) as server:
            server.execute("UPDATE kernel.organizations SET state = %s WHERE name = %s", (state, HATCHING))

    def found(route: Route) -> None:
        """Made, and as if a step of it were still to come."""
        if route.request.method != "POST":
            return route.fallback()
        made = resident.client.post("/organizations", json=route.request.post_data_json).json()
        become("provisioning")
        made["data"]["state"] = "provisioning"
        return route.fulfill(status=201, json=made)

    page.route("**/api/v1/organizations", found)
    visit.sign_in(resident.email, resident.password)
    switcher(page).click()
    page.get_by_role("menuitem", name="New organization…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(HATCHING)
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_role("status")).to_have_text(
        f"{HATCHING} is being set up. You can switch to it in a moment."
    )
    expect(dialog.get_by_role("button", name="Switch to it")).to_have_count(0)
    visit.look("organization-being-set-up")
    dialog.get_by_role("button", name="Close").last.click()
    switcher(page).click()
    expect(page.get_by_role("menuitem", name="Being set up")).to_be_disabled()
    visit.look("switcher-being-set-up")
    page.get_by_role("menuitem", name="All my organizations").click()
    expect(page.get_by_role("button", name="Delete…")).to_be_visible()
    visit.look("organizations-being-set-up")
    become("active")
    page.get_by_role("button", name="Switch", exact=True).click()
    expect(switcher(page)).to_have_accessible_name(f"Organization: {HATCHING}. Switch")


def test_settings_meet_a_conflict_and_a_deleted_organization_comes_back(
    visit: Visit, resident: Resident
) -> None:
    page = visit.page
    visit.sign_in(resident.email, resident.password)
    found_team(visit)
    page.goto("/organization/settings")
    page.get_by_label("Name", exact=True).fill("Seals")
    visit.look("organization-settings")
    mine = resident.client.get("/organizations").json()["data"]
    team = next(one["id"] for one in mine if one["name"] == TEAM)
    edit = {"name": "Herons", "settings": {"retention_days": 3650}}
    assert resident.client.patch(f"/organizations/{team}", json=edit).is_success
    visit.expect_status(f"/api/v1/organizations/{team}", 412)
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("Somebody else changed the settings meanwhile")).to_be_visible()
    visit.look("organization-settings-conflict")
    page.get_by_role("button", name="Look at theirs").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Herons")
    page.get_by_label("Keep data").select_option("1825")
    page.get_by_role("button", name="Save changes").click()
    asked = page.get_by_role("alertdialog", name="Keep data for a shorter time?")
    asked.get_by_role("button", name="Cancel").click()
    assert resident.client.get(f"/organizations/{team}").json()["data"]["settings"]["retention_days"] == 3650
    page.get_by_role("button", name="Save changes").click()
    visit.look("organization-retention")
    asked.get_by_role("button", name="Save and delete what is older").click()
    expect(page.get_by_text("Settings saved.")).to_be_visible()
    assert resident.client.get(f"/organizations/{team}").json()["data"]["settings"]["retention_days"] == 1825
    page.get_by_role("button", name="Delete organization…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("To confirm, type Herons").fill("herons")
    dialog.get_by_role("button", name="Delete organization").click()
    expect(dialog.get_by_text("This is not the name of the organization.")).to_be_visible()
    visit.look("organization-deletion")
    dialog.get_by_label("To confirm, type Herons").fill("Herons")
    dialog.get_by_role("button", name="Delete organization").click()
    expect(page.get_by_role("dialog", name="Herons is deleted")).to_be_visible()
    restored = resident.client.post(f"/organizations/{team}/restore")
    assert restored.is_success, restored.text


def test_own_roles_keys_and_sharing(visit: Visit, resident: Resident) -> None:
    page = visit.page
    visit.sign_in(resident.email, resident.password, at="/organization/roles")
    expect(page.get_by_role("button", name=re.compile("^Owner"))).to_be_visible()
    visit.look("roles")
    make_role(visit)
    page.get_by_text("Compare", exact=True).click()
    expect(page.get_by_role("columnheader", name="Front desk")).to_be_visible()
    visit.look("roles-compared")
    make_and_revoke_key(visit)
    page.get_by_role("link", name="Sharing").click()
    expect(page.get_by_role("heading", name="You share nothing")).to_be_visible()
    visit.look("sharing-empty")


def make_role(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("button", name="New role").click()
    dialog = page.get_by_role("dialog", name="New role")
    dialog.get_by_role("button", name="Save role").click()
    expect(dialog.get_by_text("Choose at least one permission.")).to_be_visible()
    dialog.get_by_label("Name", exact=True).fill("Front desk")
    dialog.get_by_role("checkbox", name=re.compile("kernel.members.read")).check()
    visit.look("role-editor")
    dialog.get_by_role("button", name="Save role").click()
    page.get_by_role("button", name=re.compile("^Front desk")).click()
    expect(page.get_by_role("dialog", name="Front desk").get_by_text("Nobody has this role.")).to_be_visible()
    visit.look("role")
    page.keyboard.press("Escape")


def make_and_revoke_key(visit: Visit) -> None:
    """A key that is shown once, works within its scope, and no longer when it is revoked."""
    page = visit.page
    page.goto("/settings/api-keys")
    expect(page.get_by_role("heading", name="No keys yet")).to_be_visible()
    visit.look("keys-empty")
    page.get_by_role("button", name="New key").first.click()
    dialog = page.get_by_role("dialog", name="New API key")
    dialog.get_by_label("Name", exact=True).fill("Training diary")
    dialog.get_by_role("checkbox", name=re.compile("fitness.workouts.read")).check()
    dialog.get_by_role("button", name="Make key").click()
    once = page.get_by_role("dialog", name="Copy the key now")
    key = once.get_by_label("API key", exact=True).input_value()
    visit.look("key-once")
    once.get_by_role("button", name="I have copied it").click()
    expect(page.get_by_text(key)).to_have_count(0)
    bearer = {"Authorization": f"Bearer {key}"}
    assert httpx.get(f"{visit.url}/api/v1/workouts", headers=bearer, timeout=PATIENCE_S).status_code == 200
    assert httpx.get(f"{visit.url}/api/v1/roles", headers=bearer, timeout=PATIENCE_S).status_code == 403
    visit.look("keys")
    page.get_by_role("button", name="Actions for Training diary").click()
    page.get_by_role("menuitem", name="Revoke…").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Revoke key").click()
    expect(page.get_by_role("heading", name="Expired and revoked")).to_be_visible()
    assert httpx.get(f"{visit.url}/api/v1/workouts", headers=bearer, timeout=PATIENCE_S).status_code == 401


def test_on_a_phone_and_when_the_server_fails(open_visit: OpenVisit, resident: Resident) -> None:
    visit = open_visit(size=PHONE, phone=True)
    page = visit.page
    visit.sign_in(resident.email, resident.password)
    page.get_by_role("navigation", name="Main").get_by_role("button", name="More").tap()
    page.get_by_role("menu").get_by_role("menuitem", name="Organization").tap()
    expect(page.get_by_role("list", name="Members").get_by_role("listitem")).to_have_count(1)
    for place, asked in (
        ("organization/members", f"organizations/{resident.organization_id}/members"),
        ("organization/roles", "roles"),
        ("settings/api-keys", "api-keys"),
    ):
        visit.expect_status(f"/api/v1/{asked}", 500)
        with failing(page, f"**/api/v1/{asked}*"):
            page.goto(f"/{place}")
            expect(page.get_by_role("main").get_by_role("alert").first).to_be_visible(timeout=30_000)
            visit.look(f"{place.replace('/', '-')}-failing")
        page.get_by_role("main").get_by_role("button", name="Try again").first.click()
        expect(page.get_by_role("main").get_by_role("alert")).to_have_count(0)


def signed_up(run: LiveRun, name: str) -> str:
    """Somebody with a verified account of their own; gives their email."""
    email = f"{secrets.token_hex(6)}@example.org"
    with run.client("/api/v1") as client:
        given = {"name": name, "email": email, "password": PASSWORD}
        assert client.post("/auth/register", json=given).is_success
        proof = {"email": email, "code": run.newest_code(email)}
        assert client.post("/auth/verify-email", json=proof).is_success
    return email


def switcher(page: Page) -> Locator:
    return page.get_by_role("button", name=re.compile(r"^Organization: .*\. Switch$"))


def row(page: Page) -> Locator:
    return page.get_by_role("row").filter(has_text=GUEST)


def open_menu(page: Page, item: str) -> None:
    page.get_by_role("button", name=f"Actions for {GUEST}").click()
    page.get_by_role("menuitem", name=item).click()
