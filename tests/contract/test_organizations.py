"""Organizations as the contract promises them: over HTTP alone, with the mails as they are delivered."""

import re
from collections.abc import Iterator
from datetime import datetime

import pytest

from tests.contract.asking import Someone, inside, listed, problem, registered
from tests.live import MAIL_S, LiveRun, until

PATH = "/api/v1/organizations"
ORGANIZATION = {"id", "name", "kind", "state", "role", "account_id", "deletable_until", "created_at"}
MEMBER = {
    "account_id", "user_id", "name", "email", "role", "state", "mfa", "last_seen_at", "joined_at",
}  # fmt: skip
INVITATION = {"id", "email", "role", "state", "invited_by", "expires_at", "created_at"}
TOKEN = re.compile(r"#token=([\w-]+)")


@pytest.fixture
def guest(live_run: LiveRun) -> Iterator[Someone]:
    person = registered(live_run)
    yield person
    person.http.close()


def token_to(live_run: LiveRun, email: str, subject: str) -> str:
    """The token in the newest mail of that subject."""
    found: list[str] = []

    def come() -> bool:
        for mail in live_run.mails(email):
            body = mail.get_body(("plain",))
            if subject in mail["Subject"] and body is not None:
                found.extend(TOKEN.findall(body.get_content()))
        return bool(found)

    until(come, MAIL_S)
    return found[-1]


def test_a_team_from_its_beginning_to_its_end(live_run: LiveRun, someone: Someone, guest: Someone) -> None:
    made = inside(someone.http.post(PATH, json={"name": "Otters"}), 201)
    assert set(made) == ORGANIZATION
    assert (made["name"], made["kind"], made["state"], made["role"]) == ("Otters", "team", "active", "owner")
    mine, _ = listed(someone.http.get(PATH))
    assert [one["kind"] for one in mine] == ["personal", "team"]
    there = f"{PATH}/{made['id']}"

    edited = someone.http.patch(
        there,
        json={"name": "Sea otters", "settings": {"timezone": "Europe/Oslo"}},
        headers={"If-Match": '"1"'},
    )
    assert (inside(edited)["name"], edited.headers["ETag"]) == ("Sea otters", '"2"')
    assert inside(edited)["settings"]["timezone"] == "Europe/Oslo"
    late = someone.http.patch(there, json={"name": "Badgers"}, headers={"If-Match": '"1"'})
    problem(late, 412, "version_mismatch")
    problem(guest.http.get(there), 404, "not_found")

    asked = {"email": guest.email, "role": "member"}
    invitation = inside(someone.http.post(f"{there}/invitations", json=asked), 201)
    assert set(invitation) == INVITATION
    assert invitation["state"] == "pending"
    token = {"token": token_to(live_run, guest.email, "invites you")}
    problem(someone.http.post("/api/v1/invitations/accept", json=token), 403, "invitation_for_another")
    joined = inside(guest.http.post("/api/v1/invitations/accept", json=token))
    assert joined["organization_id"] == made["id"]
    problem(guest.http.post("/api/v1/invitations/accept", json=token), 404, "invitation_invalid")
    invitations, _ = listed(someone.http.get(f"{there}/invitations"))
    assert [one["state"] for one in invitations] == ["accepted"]

    members, _ = listed(someone.http.get(f"{there}/members"))
    assert [set(one) for one in members] == [MEMBER, MEMBER]
    assert {one["email"]: one["role"] for one in members} == {someone.email: "owner", guest.email: "member"}
    account = f"{there}/members/{joined['account_id']}"
    assert inside(someone.http.patch(account, json={"role": "viewer"}))["role"] == "viewer"
    problem(guest.http.delete(account), 403, "forbidden")
    problem(someone.http.delete(f"{there}/members/{made['account_id']}"), 409, "last_owner")

    problem(someone.http.request("DELETE", there, json={"confirm": "Otters"}), 422, "invalid_input")
    said = inside(someone.http.request("DELETE", there, json={"confirm": "Sea otters"}), 202)
    assert set(said) == {"job_id", "restorable_until"}
    assert datetime.fromisoformat(said["restorable_until"]).tzinfo is not None
    problem(someone.http.get(there), 404, "not_found")
    problem(guest.http.post(f"{there}/restore"), 404, "not_found")
    inside(someone.http.post(f"{there}/restore"))
    assert inside(someone.http.get(there))["state"] == "active"
