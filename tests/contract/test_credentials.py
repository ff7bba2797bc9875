"""Magic links, passwords, second factors, sessions and switching, by HTTP alone against the live run."""

import base64
import hashlib
import hmac
import re
import struct
import time

from tests.contract.asking import PASSWORD, Someone, inside, listed, problem
from tests.live import MAIL_S, LiveRun, until

AUTH = "/api/v1/auth"
SIGNED_IN = {"access_token", "refresh_token", "token_type", "expires_in", "account"}
NEW_PASSWORD = "four-herons-paint-quiet-harbours"


def totp(secret: str, steps: int = 0) -> str:
    """RFC 6238, as an authenticator app has it."""
    counter = struct.pack(">Q", int(time.time()) // 30 + steps)
    digest = hmac.digest(base64.b32decode(secret), counter, hashlib.sha1)
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def mailed(live_run: LiveRun, email: str, subject: str) -> str:
    """The text of the newest mail with those words in its subject."""

    def found() -> list[str]:
        mails = [mail for mail in live_run.mails(email) if subject in mail["Subject"]]
        bodies = [mail.get_body(("plain",)) for mail in mails]
        return [body.get_content() for body in bodies if body is not None]

    until(found, MAIL_S)
    return found()[-1]


def token_in(text: str) -> str:
    (token,) = re.findall(r"#token=(\S+)", text)
    return str(token)


def test_a_magic_link_and_its_code(live_run: LiveRun, someone: Someone) -> None:
    with live_run.client() as http:
        for path in ("code", "token"):
            known = len(live_run.mails(someone.email))
            assert http.post(f"{AUTH}/magic-link", json={"email": someone.email}).status_code == 202
            live_run.newest_code(someone.email, after=known)
            text = mailed(live_run, someone.email, "sign-in code")
            code = re.findall(r"\b[0-9]{6}\b", text)[0]
            body = {"email": someone.email, "code": code} if path == "code" else {"token": token_in(text)}
            done = inside(http.post(f"{AUTH}/magic-link/verify", json=body))
            assert set(done) == SIGNED_IN
            problem(http.post(f"{AUTH}/magic-link/verify", json=body), 401)


def test_forgotten_and_changed_passwords(live_run: LiveRun, someone: Someone) -> None:
    with live_run.client() as http:
        assert http.post(f"{AUTH}/password/forgot", json={"email": someone.email}).status_code == 202
        token = token_in(mailed(live_run, someone.email, "new Rowhouse password"))
        body = {"token": token, "password": NEW_PASSWORD}
        assert http.post(f"{AUTH}/password/reset", json=body).status_code == 204
        problem(someone.http.get(f"{AUTH}/me"), 401, "session_ended")
        login = {"email": someone.email, "password": NEW_PASSWORD}
        done = inside(http.post(f"{AUTH}/login", json=login))
        headers = {"Authorization": f"Bearer {done['access_token']}"}
        change = {"old": NEW_PASSWORD, "new": PASSWORD}
        answer = http.post(f"{AUTH}/password/change", json=change, headers=headers)
        assert answer.json()["errors"][0]["code"] == "password_used_before"
        change["new"] = "six-badgers-borrow-blue-umbrellas"
        answer = http.post(f"{AUTH}/password/change", json=change, headers=headers)
        assert answer.status_code == 204


def test_a_second_factor_from_set_up_to_recovery(live_run: LiveRun, someone: Someone) -> None:
    begun = inside(someone.http.post(f"{AUTH}/mfa/totp"))
    assert set(begun) == {"secret", "uri"}
    done = inside(someone.http.post(f"{AUTH}/mfa/totp/confirm", json={"code": totp(begun["secret"])}))
    assert set(done) == {"recovery_codes"}
    login = {"email": someone.email, "password": PASSWORD}
    with live_run.client() as http:
        refused = problem(http.post(f"{AUTH}/login", json=login), 401, "mfa_required")
        body = {"mfa_token": refused["mfa_token"], "code": totp(begun["secret"], 1)}
        assert set(inside(http.post(f"{AUTH}/mfa/verify", json=body))) == SIGNED_IN
        again = problem(http.post(f"{AUTH}/login", json=login), 401, "mfa_required")
        body = {"mfa_token": again["mfa_token"], "code": done["recovery_codes"][0]}
        inside(http.post(f"{AUTH}/mfa/verify", json=body))
    assert someone.http.delete(f"{AUTH}/mfa/totp").status_code == 204


def test_sessions_are_listed_and_ended(live_run: LiveRun, someone: Someone) -> None:
    login = {"email": someone.email, "password": PASSWORD}
    with live_run.client() as http:
        other = inside(http.post(f"{AUTH}/login", json=login))
        sessions, _ = listed(someone.http.get(f"{AUTH}/sessions"))
        (theirs,) = [one["id"] for one in sessions if not one["current"]]
        assert someone.http.delete(f"{AUTH}/sessions/{theirs}").status_code == 204
        headers = {"Authorization": f"Bearer {other['access_token']}"}
        problem(http.get(f"{AUTH}/me", headers=headers), 401, "session_ended")
    inside(someone.http.get(f"{AUTH}/me"))


def test_switching_to_ones_own_account(someone: Someone) -> None:
    account = inside(someone.http.get(f"{AUTH}/me"))["account"]["id"]
    done = inside(someone.http.post(f"{AUTH}/switch", json={"account_id": account}))
    assert set(done) == SIGNED_IN
    assert done["account"]["id"] == account
    stranger = "00000000-0000-7000-8000-000000000000"
    problem(someone.http.post(f"{AUTH}/switch", json={"account_id": stranger}), 404, "not_found")
