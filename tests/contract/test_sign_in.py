"""Register, mail, code, sign-in, refresh, sign-out over real HTTP, by tokens and by cookies."""

from tests.contract.asking import PASSWORD, Someone, inside, new_email, problem, registered
from tests.live import MAIL_S, LiveRun, until

AUTH = "/api/v1/auth"
SIGNED_IN = {"access_token", "refresh_token", "token_type", "expires_in", "account"}


def test_tokens_from_register_to_logout(live_run: LiveRun) -> None:
    someone = registered(live_run, organization="Badgers")
    assert set(someone.said) == SIGNED_IN
    assert set(someone.said["account"]) == {"id", "organization_id", "role"}
    assert someone.said["token_type"] == "Bearer"
    assert isinstance(someone.said["expires_in"], int)
    me = inside(someone.http.get(f"{AUTH}/me"))
    assert set(me) == {"user", "account", "accounts", "organization", "permissions"}
    assert me["user"]["email"] == someone.email
    assert me["organization"]["name"] == "Badgers"
    assert all(set(one) == {"permission", "source"} for one in me["permissions"])
    body = {"email": someone.email, "password": PASSWORD}
    login = inside(someone.http.post(f"{AUTH}/login", json=body))
    assert set(login) == SIGNED_IN
    renewed = inside(someone.http.post(f"{AUTH}/refresh", json={"refresh_token": login["refresh_token"]}))
    assert set(renewed) == SIGNED_IN
    headers = {"Authorization": f"Bearer {renewed['access_token']}"}
    assert someone.http.post(f"{AUTH}/logout", headers=headers).status_code == 204
    problem(someone.http.get(f"{AUTH}/me", headers=headers), 401, "session_ended")
    problem(someone.http.post(f"{AUTH}/refresh", json={"refresh_token": renewed["refresh_token"]}), 401)
    assert someone.http.post(f"{AUTH}/logout-all").status_code == 204
    problem(someone.http.get(f"{AUTH}/me"), 401, "session_ended")
    someone.http.close()


def test_a_second_registration_tells_the_caller_nothing(live_run: LiveRun, someone: Someone) -> None:
    unknown = new_email()
    answers = [
        live_run.ask("POST", f"{AUTH}/register", json={"email": email, "password": PASSWORD, "name": "Eve"})
        for email in (someone.email, unknown)
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    told = [set(inside(answer, 202)) for answer in answers]
    assert told[0] == told[1] == {"email", "registration"}
    until(lambda: any("already" in mail["Subject"] for mail in live_run.mails(someone.email)), MAIL_S)


def test_a_wrong_code_and_a_wrong_password_are_refused(live_run: LiveRun) -> None:
    email = new_email()
    with live_run.client() as http:
        person = {"email": email, "password": PASSWORD, "name": "Ada"}
        assert http.post(f"{AUTH}/register", json=person).status_code == 202
        code = live_run.newest_code(email)
        wrong = f"{(int(code) + 1) % 1_000_000:06}"
        problem(http.post(f"{AUTH}/verify-email", json={"email": email, "code": wrong}), 401)
        problem(http.post(f"{AUTH}/login", json={"email": email, "password": PASSWORD}), 401)
        assert http.post(f"{AUTH}/resend-code", json={"email": email}).status_code == 202
        newer = live_run.newest_code(email, after=1)
        inside(http.post(f"{AUTH}/verify-email", json={"email": email, "code": newer}))
        problem(http.post(f"{AUTH}/login", json={"email": email, "password": f"{PASSWORD}!"}), 401)


def test_cookies_and_the_header_against_forgery(live_run: LiveRun, someone: Someone) -> None:
    body = {"email": someone.email, "password": PASSWORD, "cookies": True}
    answer = live_run.ask("POST", f"{AUTH}/login", json=body)
    said = inside(answer)
    assert (said["access_token"], said["refresh_token"]) == (None, None)
    set_cookies = answer.headers.get_list("set-cookie")
    assert {line.split("=")[0] for line in set_cookies} == {
        "__Host-rowhouse_access",
        "__Secure-rowhouse_refresh",
        "__Host-rowhouse_device",
    }
    assert all("HttpOnly" in line and "Secure" in line and "SameSite" in line for line in set_cookies)
    # A Python client keeps Secure cookies from http; a browser sends them to 127.0.0.1.
    cookie = {"Cookie": "; ".join(line.split(";")[0] for line in set_cookies)}
    with live_run.client(headers=cookie) as browser:
        inside(browser.get(f"{AUTH}/me"))
        problem(browser.post(f"{AUTH}/logout"), 403, "csrf_refused")
        token = inside(browser.get(f"{AUTH}/csrf-token"))["csrf_token"]
        problem(browser.post(f"{AUTH}/logout", headers={"X-CSRF-Token": token[:-2] + "xx"}), 403)
        assert browser.post(f"{AUTH}/logout", headers={"X-CSRF-Token": token}).status_code == 204
        assert browser.get(f"{AUTH}/me").status_code == 401


def test_invalid_input_is_named_field_by_field(live_run: LiveRun) -> None:
    answer = live_run.ask("POST", f"{AUTH}/register", json={"email": "no", "password": "short"})
    body = problem(answer, 422, "invalid_input")
    assert {"email", "name"} <= {error["field"] for error in body["errors"]}


def test_without_sign_in_nothing_is_shown(live_run: LiveRun) -> None:
    for path in ("auth/me", "workouts", "jobs", "uploads", "matches", "rate-limit-status"):
        problem(live_run.ask("GET", f"/api/v1/{path}"), 401, "not_authenticated")
    forged = {"Authorization": "Bearer abc.def.ghi"}
    problem(live_run.ask("GET", "/api/v1/workouts", headers=forged), 401)
