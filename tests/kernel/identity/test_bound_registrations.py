"""Whose password a registration's code sets: docs/adr/0010."""

from tests.kernel.identity.doubles import OTHER_PASSWORD, PASSWORD, Caller, Mailbox, code_of, data, new_email
from tests.kernel.identity.fixtures import MakeCaller


async def test_with_the_registration_only_its_own_code_counts(
    caller: Caller, make_caller: MakeCaller, mailbox: Mailbox
) -> None:
    email, attacker = new_email(), await make_caller()
    mine = data(await caller.sign_up(email))["registration"]
    theirs = data(await attacker.sign_up(email, OTHER_PASSWORD))["registration"]
    my_code, their_code = mailbox.codes(email)
    body = {"email": email, "registration": mine}
    assert mine != theirs
    assert code_of(await caller.post("/verify-email", body | {"code": their_code})) == (401, "invalid_code")
    assert (await caller.post("/verify-email", body | {"code": my_code})).status_code == 200
    assert (await caller.sign_in(email)).status_code == 200
    assert code_of(await attacker.sign_in(email, OTHER_PASSWORD)) == (401, "invalid_credentials")


async def test_a_strangers_code_typed_elsewhere_sets_no_password(
    caller: Caller, make_caller: MakeCaller, mailbox: Mailbox
) -> None:
    email, attacker = new_email(), await make_caller()
    await caller.sign_up(email, PASSWORD)
    await attacker.sign_up(email, OTHER_PASSWORD)
    _, their_code = mailbox.codes(email)
    assert (await caller.post("/verify-email", {"email": email, "code": their_code})).status_code == 200
    for password in (PASSWORD, OTHER_PASSWORD):
        assert code_of(await attacker.sign_in(email, password)) == (401, "invalid_credentials")


async def test_a_code_sent_anew_is_bound_like_the_first(caller: Caller, mailbox: Mailbox) -> None:
    email = new_email()
    registration = data(await caller.sign_up(email))["registration"]
    await caller.post("/resend-code", {"email": email})
    body = {"email": email, "code": mailbox.codes(email)[1]}
    wrong = await caller.post("/verify-email", body | {"registration": "another"})
    assert code_of(wrong) == (401, "invalid_code")
    assert (await caller.post("/verify-email", body | {"registration": registration})).status_code == 200


async def test_a_person_is_welcomed_once(caller: Caller, mailbox: Mailbox) -> None:
    email = new_email()
    await caller.sign_up(email)
    await caller.post("/verify-email", {"email": email, "code": mailbox.codes(email)[0]})
    await caller.post("/magic-link", {"email": email})
    await caller.post("/magic-link/verify", {"token": mailbox.tokens(email, "magic_link")[0]})
    assert mailbox.to(email) == ["verify_email", "welcome", "magic_link"]
