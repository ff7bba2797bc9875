"""Forgotten and changed passwords: other sessions end, old proofs are void, used passwords are refused."""

import asyncio

import httpx
import pytest

from tests.kernel.identity.doubles import (
    OTHER_PASSWORD,
    PASSWORD,
    Caller,
    Mailbox,
    Person,
    bearer,
    code_of,
    data,
    new_email,
    signed_in,
)
from tests.kernel.identity.fixtures import MakeCaller

NEW = [
    f"{word}-rivers-carry-nine-lanterns" for word in ("amber", "brisk", "cobalt", "dusky", "eager", "fallow")
]


async def link(caller: Caller, person: Person, mailbox: Mailbox) -> str:
    assert (await caller.post("/password/forgot", {"email": person.email})).status_code == 202
    return mailbox.tokens(person.email, "password_reset")[-1]


async def test_a_reset_ends_every_session_and_works_once(
    caller: Caller, person: Person, mailbox: Mailbox
) -> None:
    before = data(await caller.sign_in(person.email))
    body = {"token": await link(caller, person, mailbox), "password": OTHER_PASSWORD}
    assert (await caller.post("/password/reset", body)).status_code == 204
    assert code_of(await caller.get("/me", headers=bearer(before["access_token"]))) == (401, "session_ended")
    assert code_of(await caller.sign_in(person.email)) == (401, "invalid_credentials")
    assert (await caller.sign_in(person.email, OTHER_PASSWORD)).status_code == 200
    again = await caller.post("/password/reset", body | {"password": NEW[0]})
    assert code_of(again) == (401, "invalid_token")
    assert any("was reset" in sentence for sentence in mailbox.kinds(person.email))


async def test_of_resets_at_once_one_wins(
    caller: Caller, make_caller: MakeCaller, person: Person, mailbox: Mailbox
) -> None:
    token = await link(caller, person, mailbox)
    callers = [await make_caller() for _ in range(4)]
    answers = await asyncio.gather(
        *(
            one.post("/password/reset", {"token": token, "password": password})
            for one, password in zip(callers, NEW, strict=False)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [204, 401, 401, 401]


async def test_a_refused_password_leaves_the_link_good(
    caller: Caller, person: Person, mailbox: Mailbox
) -> None:
    token = await link(caller, person, mailbox)
    for bad in ("short", person.email, "password1234", PASSWORD):
        answer = await caller.post("/password/reset", {"token": token, "password": bad})
        assert code_of(answer) == (422, "invalid_input")
    answer = await caller.post("/password/reset", {"token": token, "password": OTHER_PASSWORD})
    assert answer.status_code == 204


async def test_a_change_wants_the_old_one_and_spares_this_session(
    caller: Caller, make_caller: MakeCaller, person: Person, mailbox: Mailbox
) -> None:
    other = await make_caller()
    await signed_in(caller, person)
    await signed_in(other, person)
    token = await link(caller, person, mailbox)
    wrong = await caller.post("/password/change", {"old": OTHER_PASSWORD, "new": NEW[0]})
    assert code_of(wrong) == (401, "invalid_credentials")
    done = await caller.post("/password/change", {"old": PASSWORD, "new": OTHER_PASSWORD})
    assert done.status_code == 204
    assert (await caller.get("/me")).status_code == 200
    assert code_of(await other.get("/me")) == (401, "session_ended")
    void = await caller.post("/password/reset", {"token": token, "password": NEW[0]})
    assert code_of(void) == (401, "invalid_token")
    assert any("was changed" in sentence for sentence in mailbox.kinds(person.email))


async def test_none_of_the_last_five_is_taken_again(caller: Caller, person: Person, mailbox: Mailbox) -> None:
    await signed_in(caller, person)
    used = [PASSWORD]

    async def change(new: str) -> httpx.Response:
        return await caller.post("/password/change", {"old": used[-1], "new": new})

    for password in NEW[:5]:
        assert (await change(password)).status_code == 204
        used.append(password)
    for recent in used[-5:]:
        refused = await change(recent)
        assert refused.json()["errors"][0]["code"] == "password_used_before"
    assert (await change(PASSWORD)).status_code == 204


async def test_forgetting_tells_nothing_of_unknown_addresses(caller: Caller, mailbox: Mailbox) -> None:
    email = new_email()
    answer = await caller.post("/password/forgot", {"email": email})
    assert (answer.status_code, answer.json()) == (202, {"data": {"email": email}})
    assert mailbox.letters == []
    refused = await caller.post("/password/reset", {"token": "x" * 43, "password": OTHER_PASSWORD})
    assert code_of(refused) == (401, "invalid_token")


async def test_a_stolen_session_guesses_the_old_password_so_often(
    make_caller: MakeCaller, strict_app: object, person: Person, mailbox: Mailbox
) -> None:
    caller = await make_caller(strict_app)
    await signed_in(caller, person)
    codes = [
        code_of(await caller.post("/password/change", {"old": f"{PASSWORD}{n}", "new": NEW[0]}))
        for n in range(8)
    ]
    assert codes[0] == (401, "invalid_credentials")
    assert codes[-1] == (429, "too_many_attempts")


@pytest.mark.parametrize("path", ["/login", "/register", "/password/reset"])
async def test_ten_megabytes_are_refused_by_their_size(caller: Caller, path: str) -> None:
    answer = await caller.post(path, {"email": "a@example.com", "password": "x" * 10_000_000})
    assert code_of(answer) == (413, "payload_too_large")


async def test_a_new_address_is_proved_and_the_old_one_told(
    caller: Caller, make_caller: MakeCaller, person: Person, mailbox: Mailbox
) -> None:
    other, new = await make_caller(), new_email()
    await signed_in(caller, person)
    await signed_in(other, person)
    assert (await (await make_caller()).post("/magic-link", {"email": person.email})).status_code == 202
    (link,) = mailbox.tokens(person.email, "magic_link")
    assert (await caller.post("/email", {"email": new})).status_code == 202
    (code,) = mailbox.codes(new)
    assert code_of(await caller.post("/email/verify", {"code": f"{(int(code) + 1) % 10**6:06d}"}))[0] == 401
    assert (await caller.post("/email/verify", {"code": code})).status_code == 204
    assert data(await caller.get("/me"))["user"]["email"] == new
    assert any("email address" in sentence for sentence in mailbox.kinds(person.email))
    assert code_of(await other.get("/me")) == (401, "session_ended")
    assert code_of(await caller.sign_in(person.email)) == (401, "invalid_credentials")
    void = await (await make_caller()).post("/magic-link/verify", {"token": link})
    assert code_of(void) == (401, "invalid_token"), "what was mailed to the old address opens nothing"
    assert (await caller.sign_in(new)).status_code == 200
    assert code_of(await caller.post("/email/verify", {"code": code})) == (401, "invalid_code")


async def test_an_address_that_is_taken_gets_no_code_and_the_same_answer(
    caller: Caller, person: Person, mailbox: Mailbox
) -> None:
    taken, free = new_email(), new_email()
    await caller.sign_up(taken)
    mailbox.letters.clear()
    await signed_in(caller, person)
    answers = [await caller.post("/email", {"email": email}) for email in (taken, free)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert mailbox.codes(taken) == []
    assert len(mailbox.codes(free)) == 1


async def test_a_person_renames_themselves(caller: Caller, person: Person) -> None:
    await signed_in(caller, person)
    answer = await caller.http.patch("/api/v1/auth/me", json={"name": "Ada Lovelace"})
    assert data(answer)["name"] == "Ada Lovelace"
    assert data(await caller.get("/me"))["user"]["name"] == "Ada Lovelace"
