"""Events of the other providers: how each is subscribed, said and signed."""

import base64
import hashlib
import hmac
import json
from urllib.parse import parse_qs

from sandbox.clients import CLIENTS
from tests.sandbox.conftest import Box
from tests.sandbox.test_documents import OURA_ALL, WHOOP_ALL, WITHINGS_ALL, bearing, polar


async def test_whoop_signs_moment_and_body(box: Box) -> None:
    await bearing(box, "whoop", "/oauth/oauth2/auth", "/oauth/oauth2/token", WHOOP_ALL)
    await box.control("POST", "subscriptions", {"provider": "whoop", "callback_url": "http://product/whoop"})
    (athlete,) = await box.control("GET", "athletes")
    new = await box.control("POST", f"athletes/{athlete['id']}/activities", {"at": ["whoop"]})
    await box.control("POST", f"athletes/{athlete['id']}/nights")
    await box.control("GET", "deliveries")
    said = [json.loads(body) for _, body in box.receiver.events]
    assert [one["type"] for one in said] == ["workout.updated", "sleep.updated", "recovery.updated"]
    assert said[0]["id"] == new["at"]["whoop"]["uuid"]
    assert said[0]["user_id"] == athlete["ids"]["whoop"]
    headers, body = box.receiver.events[0]
    at = headers["x-whoop-signature-timestamp"]
    mac = hmac.new(CLIENTS["whoop"].secret.encode(), at.encode() + body, hashlib.sha256)
    assert headers["x-whoop-signature"] == base64.b64encode(mac.digest()).decode()
    assert len(at) == 13, "in milliseconds"


async def test_oura_verifies_an_address_for_each_kind_and_stops_when_it_is_not_renewed(box: Box) -> None:
    await bearing(box, "oura", "/oauth/authorize", "/oauth/token", OURA_ALL)
    client = {"x-client-id": CLIENTS["oura"].id, "x-client-secret": CLIENTS["oura"].secret}
    wanted = {"callback_url": "http://product/oura", "verification_token": "v", "event_type": "create"}
    path = "/oura/v2/webhook/subscription"
    made = await box.http.post(path, json={**wanted, "data_type": "sleep"}, headers=client)
    assert made.status_code == 201, made.text
    assert (
        await box.http.post(path, json={**wanted, "data_type": "naps"}, headers=client)
    ).status_code == 422
    assert (await box.http.post(path, json={**wanted, "data_type": "sleep"})).status_code == 401
    (athlete,) = await box.control("GET", "athletes")
    await box.control("POST", f"athletes/{athlete['id']}/nights")
    await box.control("GET", "deliveries")
    ((headers, body),) = box.receiver.events
    mac = hmac.new(
        CLIENTS["oura"].secret.encode(), headers["x-oura-timestamp"].encode() + body, hashlib.sha256
    )
    assert headers["x-oura-signature"] == mac.hexdigest().upper()
    assert json.loads(body)["data_type"] == "sleep"

    await box.control("PUT", "clock", {"ahead_s": 91 * 86_400})
    await box.control("POST", f"athletes/{athlete['id']}/nights")
    await box.control("GET", "deliveries")
    assert len(box.receiver.events) == 1
    renewed = await box.http.put(f"{path}/renew/{made.json()['id']}", headers=client)
    assert renewed.json()["expiration_time"] > made.json()["expiration_time"]
    assert (await box.http.delete(f"{path}/{made.json()['id']}", headers=client)).status_code == 204


async def test_withings_probes_an_address_and_says_who_and_when_in_a_form(box: Box) -> None:
    headers = await bearing(
        box, "withings", "/oauth2_user/authorize2", "/v2/oauth2", WITHINGS_ALL, action="requesttoken"
    )
    wanted = {"action": "subscribe", "callbackurl": "http://product/withings", "appli": "1"}
    assert (await box.http.post("/withings/notify", data=wanted, headers=headers)).json()["status"] == 0
    (athlete,) = await box.control("GET", "athletes")
    await box.control("POST", f"athletes/{athlete['id']}/nights")
    await box.control("GET", "deliveries")
    ((sent, body),) = box.receiver.events
    assert sent["content-type"] == "application/x-www-form-urlencoded"
    said = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    assert (said["userid"], said["appli"]) == (str(athlete["ids"]["withings"]), "1")
    window = {"action": "getmeas", "startdate": said["startdate"], "enddate": said["enddate"]}
    found = (await box.http.post("/withings/measure", data=window, headers=headers)).json()["body"]
    assert len(found["measuregrps"]) == 1, "what it tells of is there"
    gone = await box.http.post("/withings/notify", data={**wanted, "action": "revoke"}, headers=headers)
    assert gone.json()["status"] == 0


async def test_polar_pings_tells_its_key_once_and_signs_with_it(box: Box) -> None:
    athlete, headers = await polar(box, activities=1)
    await box.http.post("/polar/v3/users", json={"member-id": "ours"}, headers=headers)
    client = (CLIENTS["polar"].id, CLIENTS["polar"].secret)
    wanted = {"events": ["EXERCISE"], "url": "http://product/polar"}
    box.receiver.statuses = [404]
    assert (await box.http.post("/polar/v3/webhooks", json=wanted, auth=client)).status_code == 400, (
        "no ping, no hook"
    )
    made = await box.http.post("/polar/v3/webhooks", json=wanted, auth=client)
    assert made.status_code == 201, made.text
    assert (await box.http.post("/polar/v3/webhooks", json=wanted, auth=client)).status_code == 409
    (shown,) = (await box.http.get("/polar/v3/webhooks", auth=client)).json()["data"]
    assert "signature_secret_key" not in shown
    new = await box.control(
        "POST", f"athletes/{athlete['id']}/activities", {"device": "vantage", "at": ["polar"]}
    )
    await box.control("GET", "deliveries")
    ((_, ping), (sent, body)) = box.receiver.events[-2:]
    assert json.loads(ping)["event"] == "PING"
    key = made.json()["data"]["signature_secret_key"]
    assert sent["polar-webhook-signature"] == hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    found = await box.http.get(f"/polar/v3/exercises/{json.loads(body)['entity_id']}", headers=headers)
    assert found.json()["distance"] == new["at"]["polar"]["distance_m"]
