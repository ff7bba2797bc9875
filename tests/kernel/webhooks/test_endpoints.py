"""An organization's endpoints, from being made to what arrives there, with the reference library as the receiver."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from standardwebhooks import Webhook, WebhookVerificationError

from rowhouse.apps.fitness.workouts.events import WorkoutsChanged
from rowhouse.kernel.access.models import Grant
from rowhouse.kernel.context import Ctx, Identity
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.errors import Unavailable
from rowhouse.kernel.events.events import emit
from rowhouse.kernel.lifecycle import transitions
from rowhouse.kernel.membership.events import MemberChanged
from rowhouse.kernel.webhooks.outgoing import audit_stream, delivering
from rowhouse.kernel.webhooks.outgoing.audit_stream import AUDIT_STREAM
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now
from tests.isolation.tenants import Someone
from tests.kernel.access.members import give_role
from tests.kernel.identity.doubles import context
from tests.kernel.webhooks.staging import DELIVER, ENDPOINTS, Post, Receiver


async def happen(office: Post, one: Someone, role: str = "admin") -> None:
    async with context(office.platform, one.identity) as ctx:
        await emit(ctx, MemberChanged(ctx.account, role, "active"))


def opened(secret: str, got: tuple[dict[str, str], bytes]) -> Any:
    """What the reference library makes of it."""
    headers, body = got
    return Webhook(secret).verify(body, headers)


async def act(one: Someone, method: str, path: str, **body: Any) -> Any:
    answer = await one.client.request(method, f"{ENDPOINTS}/{path}", json=body or None)
    assert answer.status_code < 300, answer.text
    return answer.json()["data"] if answer.content else None


async def test_an_event_arrives_signed_once_and_stays_in_the_log(
    post_office: Post, receiver: Receiver
) -> None:
    ada, bob = await post_office.make(), await post_office.make()
    made = await post_office.endpoint(ada, receiver.url)
    await post_office.endpoint(bob, receiver.url.replace("/hook", "/bobs"))
    await happen(post_office, ada, "viewer")
    assert receiver.got == [], "nothing is sent inside a request"
    await post_office.run(DELIVER)
    (got,) = receiver.got
    said = opened(made["secret"], got)
    assert said["type"] == "kernel.member_changed"
    assert said["organization_id"] == str(ada.identity.organization_id)
    assert said["data"] == {"aggregate_id": str(ada.identity.account_id), "role": "viewer", "state": "active"}
    (delivery,) = await post_office.deliveries(ada, made["id"])
    assert (delivery["state"], delivery["status"], delivery["attempts"]) == ("delivered", 200, 1)
    assert delivery["message_id"] == got[0]["webhook-id"]
    detail = await act(ada, "GET", f"{made['id']}/deliveries/{delivery['id']}")
    assert detail["body"].encode() == got[1]
    assert [(one["status"], one["response"]) for one in detail["tries"]] == [(200, "ok")]
    shown = await act(ada, "GET", made["id"])
    assert "secret" not in shown
    assert shown["last_success_at"] is not None
    with pytest.raises(WebhookVerificationError):
        opened("whsec_" + "A" * 44, got)


async def test_a_rolled_back_change_sends_nothing(post_office: Post, receiver: Receiver) -> None:
    ada = await post_office.make()
    await post_office.endpoint(ada, receiver.url)
    async with context(post_office.platform, ada.identity) as ctx:
        await emit(ctx, MemberChanged(ctx.account, "admin", "active"))
        await ctx.transaction.rollback()
    await post_office.hasten(ada)
    assert receiver.got == []


async def test_both_secrets_sign_during_a_rotation(post_office: Post, receiver: Receiver) -> None:
    ada = await post_office.make()
    made = await post_office.endpoint(ada, receiver.url)
    renewed = await act(ada, "POST", f"{made['id']}/rotate")
    assert renewed["secret"] != made["secret"]
    await happen(post_office, ada)
    await post_office.run(DELIVER)
    for secret in (made["secret"], renewed["secret"]):
        assert opened(secret, receiver.got[0])
    last = await act(ada, "POST", f"{made['id']}/rotate", overlap_hours=0)
    await happen(post_office, ada)
    await post_office.run(DELIVER)
    assert opened(last["secret"], receiver.got[1])
    for secret in (made["secret"], renewed["secret"]):
        with pytest.raises(WebhookVerificationError):
            opened(secret, receiver.got[1])


async def test_a_failure_is_tried_again_under_the_same_id_later_and_later(
    post_office: Post, receiver: Receiver
) -> None:
    ada = await post_office.make()
    made = await post_office.endpoint(ada, receiver.url)
    receiver.answers = [500, 302, 404]
    await happen(post_office, ada)
    await post_office.run(DELIVER)
    (waiting,) = await post_office.deliveries(ada, made["id"])
    assert (waiting["state"], waiting["status"], waiting["error"]) == ("pending", 500, "status")
    shown = await act(ada, "GET", made["id"])
    assert shown["failing_since"] is not None
    assert shown["held_until"] is not None
    for _ in range(3):
        await post_office.hasten(ada)
    (done,) = await post_office.deliveries(ada, made["id"])
    assert (done["state"], done["attempts"]) == ("delivered", 4)
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert len({body for _, body in receiver.got}) == 1
    assert (await act(ada, "GET", made["id"]))["failing_since"] is None


def test_pauses_grow_to_hours_and_cover_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {round(delivering.pause_s(1), 3) for _ in range(20)} != {10.0}, "with jitter"
    pauses = [delivering.pause_s(attempt) for attempt in range(1, 14)]
    assert 7 <= pauses[0] <= 13
    assert max(pauses) <= delivering.LONGEST_PAUSE_S * 1.25
    assert all(delivering.hold_s(n) <= delivering.LONGEST_HOLD_S * 1.25 for n in (1, 10, 500))
    # As many take a day as a rule; chance may have them end sooner, and then there is one more.
    monkeypatch.setattr("random.uniform", lambda low, high: (low + high) / 2)
    assert sum(delivering.pause_s(attempt) for attempt in range(1, 14)) >= 24 * 3600


async def test_while_an_endpoint_is_on_hold_others_of_its_deliveries_wait(
    post_office: Post, receiver: Receiver
) -> None:
    """One that hangs costs a try now and then, not a worker for each event."""
    ada = await post_office.make()
    made = await post_office.endpoint(ada, receiver.url)
    receiver.answers = [b"HTTP/1.1 503 X\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n"]
    for _ in range(5):
        await happen(post_office, ada)
    await post_office.run(DELIVER)
    assert len(receiver.got) == 1
    await post_office.hasten(ada)
    assert {one["state"] for one in await post_office.deliveries(ada, made["id"])} == {"delivered"}


async def test_what_fails_for_a_day_ends_and_the_owners_are_told(
    post_office: Post, receiver: Receiver
) -> None:
    ada = await post_office.make()
    made = await post_office.endpoint(ada, receiver.url)
    await happen(post_office, ada)
    receiver.answers = [500, 500]
    await post_office.run(DELIVER)
    org = ada.identity.organization_id
    # A day later, as far as the rows tell.
    post_office.owner.execute(
        "UPDATE kernel.webhook_deliveries SET expires_at = now() WHERE organization_id = %s", (org,)
    )
    post_office.owner.execute(
        "UPDATE kernel.webhook_endpoints SET failing_since = now() - interval '24 hours' WHERE organization_id = %s",
        (org,),
    )
    await post_office.hasten(ada)
    shown = await act(ada, "GET", made["id"])
    assert (shown["state"], shown["disabled_reason"]) == ("disabled", "failing")
    (failed,) = await post_office.deliveries(ada, made["id"])
    assert (failed["state"], failed["attempts"]) == ("failed", 2)
    mails = [kind for kind, _ in post_office.woken if kind == "kernel.send_mail"]
    assert mails, "a mail to the owners"
    notices = (await ada.client.get("/api/v1/notices")).json()["data"]
    assert [one["href"] for one in notices] == [f"/organization/webhooks?endpoint={made['id']}"]
    audit = (await ada.client.get("/api/v1/audit?action=webhooks.endpoint_disabled")).json()["data"]
    assert [one["details"] for one in audit] == [{"reason": "failing"}]
    # Nothing goes there until somebody enables it; then what failed can be sent again.
    await happen(post_office, ada)
    await post_office.run(DELIVER)
    assert len(receiver.got) == 2
    await act(ada, "POST", f"{made['id']}/enable")
    retried = await act(ada, "POST", f"{made['id']}/deliveries/{failed['id']}/retry")
    assert retried["state"] == "pending"
    await post_office.run(DELIVER)
    assert (await post_office.deliveries(ada, made["id"]))[0]["state"] == "delivered"
    assert receiver.got[2][0]["webhook-id"] == receiver.got[0][0]["webhook-id"]
    opened(made["secret"], receiver.got[2])


async def test_one_poisonous_message_disables_nothing(post_office: Post, receiver: Receiver) -> None:
    ada = await post_office.make()
    made = await post_office.endpoint(ada, receiver.url)
    receiver.answers = [500, 200, 500]
    await happen(post_office, ada)
    await post_office.run(DELIVER)
    post_office.owner.execute(
        "UPDATE kernel.webhook_endpoints SET held_until = NULL WHERE id = %s", (UUID(made["id"]),)
    )
    await happen(post_office, ada)
    await post_office.run(DELIVER)
    post_office.owner.execute(
        "UPDATE kernel.webhook_deliveries SET expires_at = now() WHERE endpoint_id = %s", (UUID(made["id"]),)
    )
    await post_office.hasten(ada)
    states = sorted(one["state"] for one in await post_office.deliveries(ada, made["id"]))
    assert states == ["delivered", "failed"]
    assert (await act(ada, "GET", made["id"]))["state"] == "active"


async def test_who_answers_gone_is_not_asked_again(post_office: Post, receiver: Receiver) -> None:
    ada = await post_office.make()
    made = await post_office.endpoint(ada, receiver.url)
    receiver.answers = [410]
    await happen(post_office, ada)
    await post_office.run(DELIVER)
    shown = await act(ada, "GET", made["id"])
    assert (shown["state"], shown["disabled_reason"]) == ("disabled", "gone")


async def test_a_crash_after_the_post_posts_again_under_the_same_id(
    post_office: Post, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At least once, and the id is how a receiver knows."""
    ada = await post_office.make()
    made = await post_office.endpoint(ada, receiver.url)
    note = delivering._note

    async def crash(*_: Any) -> None:
        monkeypatch.setattr(delivering, "_note", note)
        raise Unavailable

    monkeypatch.setattr(delivering, "_note", crash)
    await happen(post_office, ada)
    await post_office.run(DELIVER)
    await post_office.hasten(ada)
    assert len(receiver.got) == 2
    assert receiver.got[0][0]["webhook-id"] == receiver.got[1][0]["webhook-id"]
    (delivery,) = await post_office.deliveries(ada, made["id"])
    assert (delivery["state"], delivery["attempts"]) == ("delivered", 1)


async def test_a_test_is_sent_once_even_where_it_is_disabled(post_office: Post, receiver: Receiver) -> None:
    ada = await post_office.make()
    made = await post_office.endpoint(ada, receiver.url)
    await act(ada, "POST", f"{made['id']}/disable")
    receiver.answers = [500]
    await act(ada, "POST", f"{made['id']}/test")
    await post_office.run(DELIVER)
    (delivery,) = await post_office.deliveries(ada, made["id"])
    assert (delivery["type"], delivery["state"], delivery["status"]) == ("webhook.test", "failed", 500)
    assert opened(made["secret"], receiver.got[0])["data"]["endpoint_id"] == made["id"]
    assert (await act(ada, "GET", made["id"]))["failing_since"] is None, "trying out is no failing"


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"url": "http://hooks.example.com/"}, "url", "https_only"),
        ({"url": "https://u:p@hooks.example.com/"}, "url", "url_invalid"),
        ({"events": ["kernel.nothing"]}, "events", "unknown_event"),
        ({"events": ["nothing.*"]}, "events", "unknown_event"),
        ({"events": []}, "events", "too_short"),
    ],
)
async def test_what_cannot_be_an_endpoint_is_said_field_by_field(
    post_office: Post, body: dict[str, Any], field: str, code: str
) -> None:
    ada = await post_office.make()
    good = {"url": "https://hooks.example.com/", "events": ["kernel.*"]}
    answer = await ada.client.post(ENDPOINTS, json=good | body)
    assert answer.status_code == 422, answer.text
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [(field, code)]
    assert (await ada.client.get(ENDPOINTS)).json()["data"] == []
    made = (await ada.client.post(ENDPOINTS, json=good)).json()["data"]
    edited = await ada.client.patch(f"{ENDPOINTS}/{made['id']}", json=body)
    assert [(one["field"], one["code"]) for one in edited.json()["errors"]] == [(field, code)]


async def test_types_have_schemas_and_say_who_may_have_them(post_office: Post) -> None:
    ada = await post_office.make()
    found = {one["type"]: one for one in (await ada.client.get("/api/v1/webhook-event-types")).json()["data"]}
    assert {"kernel.member_changed", "fitness.workouts_changed", "audit.entry"} <= found.keys()
    schema = found["kernel.member_changed"]["json_schema"]
    assert schema["required"] == ["aggregate_id", "role", "state"]
    assert all(one["available"] for one in found.values())


async def test_an_athletes_events_go_to_the_athlete_and_to_whom_it_grants_them(
    post_office: Post, receiver: Receiver
) -> None:
    ada = await post_office.make()
    cleo = await post_office.make(ada)
    made = await post_office.endpoint(ada, receiver.url, ["fitness.*"])

    async def ride(one: Someone) -> None:
        async with context(post_office.platform, one.identity) as ctx:
            await emit(ctx, WorkoutsChanged(ctx.account, (str(uuid7()),), ()))
        await post_office.run(DELIVER)

    await ride(ada)
    assert len(receiver.got) == 1
    await ride(cleo)
    assert len(receiver.got) == 1, "an owner's endpoint is told nothing of a colleague's health"
    async with context(post_office.platform, cleo.identity) as ctx:
        ctx.session.add(
            Grant(
                organization_id=ctx.org,
                account_id=ada.identity.account_id,
                resource_kind="fitness.athlete",
                resource_id=ctx.account,
                permissions=["fitness.workouts.read"],
                granted_by=ctx.account,
                expires_at=now() + timedelta(days=1),
            )
        )
    await ride(cleo)
    assert opened(made["secret"], receiver.got[1])["data"]["aggregate_id"] == str(cleo.identity.account_id)
    for one in (ada, cleo):
        suspend = "UPDATE kernel.accounts SET state = %s WHERE id = %s"
        post_office.owner.execute(suspend, ("suspended", one.identity.account_id))
        await ride(cleo)
        post_office.owner.execute(suspend, ("active", one.identity.account_id))
        assert len(receiver.got) == 2, "nor while either of them is suspended"
    post_office.owner.execute(
        "UPDATE kernel.grants SET expires_at = now() - interval '1 second' WHERE granted_by = %s",
        (cleo.identity.account_id,),
    )
    await ride(cleo)
    assert len(receiver.got) == 2, "nor after the grant's end"


async def test_what_one_may_not_see_one_cannot_have_sent_or_shown(
    post_office: Post, receiver: Receiver
) -> None:
    ada = await post_office.make()
    cleo = await post_office.make(ada)
    made = await post_office.endpoint(ada, receiver.url, ["audit.entry"])
    holds = ["kernel.webhooks.manage", "kernel.organization.read"]
    async with context(post_office.platform, ada.identity) as ctx:
        await ctx.session.execute(
            text(
                "INSERT INTO kernel.roles (organization_id, id, name, title, holds)"
                " VALUES (:org, gen_random_uuid(), 'own-hooks', 'Hooks', cast(:holds AS jsonb))"
            ),
            {"org": ctx.org, "holds": json.dumps(holds)},
        )
    await give_role(post_office.platform, cleo.identity, "own-hooks")
    url = "https://hooks.example.com/"
    for events in (["audit.entry"], ["*"], ["kernel.member_joined"]):
        answer = await cleo.client.post(ENDPOINTS, json={"url": url, "events": events})
        assert (answer.status_code, answer.json()["code"]) == (403, "event_not_yours")
    for method, path, body in (
        ("PATCH", made["id"], {"url": url}),
        ("PATCH", made["id"], {"description": "mine now"}),
        ("POST", f"{made['id']}/rotate", None),
    ):
        answer = await cleo.client.request(method, f"{ENDPOINTS}/{path}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "event_not_yours")
    await stream(post_office)
    await post_office.run(DELIVER)
    (delivery, *_) = await post_office.deliveries(ada, made["id"])
    path = f"{made['id']}/deliveries/{delivery['id']}"
    assert (await act(ada, "GET", path))["body"] is not None
    assert (await act(cleo, "GET", path))["body"] is None


async def stream(office: Post) -> None:
    """The scheduler's turn."""
    admin_url = office.platform.settings.admin_database_url
    assert admin_url is not None
    admin = Database(admin_url.get_secret_value(), pool_size=1)
    try:
        await AUDIT_STREAM.do(office.platform, admin)
    finally:
        await admin.close()


async def test_the_audit_log_is_streamed_in_the_order_of_its_chain_and_none_is_left_out(
    post_office: Post, receiver: Receiver
) -> None:
    ada = await post_office.make()
    made = await post_office.endpoint(ada, receiver.url, ["audit.entry"])
    receiver.answers = [500]
    for n in range(3):
        await act(ada, "PATCH", made["id"], description=f"number {n}")
        await stream(post_office)
        await post_office.run(DELIVER)
    assert len(receiver.got) == 1, "the next part waits for the one before"
    await post_office.hasten(ada)
    await post_office.run(DELIVER)
    for _ in range(3):
        await stream(post_office)
        await post_office.run(DELIVER)
    ids = [headers["webhook-id"] for headers, _ in receiver.got]
    assert ids[0] == ids[1]
    assert len(ids) == 3, "and it comes to rest: what sending leaves in the log begins nothing"
    told = [entry for got in receiver.got[1:] for entry in opened(made["secret"], got)["data"]["entries"]]
    keys = [(entry["seq"], entry["position"]) for entry in told]
    assert keys == sorted(set(keys))
    chain = post_office.owner.execute(
        "SELECT seq, encode(hash, 'hex') FROM audit.links WHERE organization_id = %s AND seq BETWEEN %s AND %s"
        " ORDER BY seq",
        (ada.identity.organization_id, keys[0][0], keys[-1][0]),
    ).fetchall()
    assert sorted({(entry["seq"], entry["hash"]) for entry in told}) == chain, "every batch of the chain"
    changed = [
        e["changes"]["description"]["new"] for e in told if e["action"] == "kernel.webhook_endpoints.update"
    ]
    assert changed == [f"number {n}" for n in range(3)]
    # A part that failed for good disables the endpoint, and is the first to go once it is enabled.
    receiver.answers = [500, 500]
    await act(ada, "PATCH", made["id"], description="last")
    await stream(post_office)
    await post_office.run(DELIVER)
    post_office.owner.execute(
        "UPDATE kernel.webhook_deliveries SET expires_at = now() WHERE endpoint_id = %s", (UUID(made["id"]),)
    )
    await post_office.hasten(ada)
    assert (await act(ada, "GET", made["id"]))["state"] == "disabled"
    await act(ada, "POST", f"{made['id']}/enable")
    await post_office.run(DELIVER)
    assert len({headers["webhook-id"] for headers, _ in receiver.got[3:6]}) == 1
    last = opened(made["secret"], receiver.got[5])["data"]["entries"]
    assert last[0]["seq"] == keys[-1][0] + 1


async def test_every_stream_goes_on_however_many_are_held_up_before_it(
    post_office: Post, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that fails, one whose organization is suspended and one in trouble stay behind the log."""
    monkeypatch.setattr(audit_stream, "ENDPOINTS_AT_ONCE", 1)
    some = [await post_office.make() for _ in range(4)]  # in the order of their ids
    made = [await post_office.endpoint(one, receiver.url, ["audit.entry"]) for one in some]
    receiver.answers = [500]
    await stream(post_office)
    await post_office.run(DELIVER)
    arrived = len(receiver.got)
    advance, tried = audit_stream.advance, list[str]()

    async def trouble(ctx: Ctx, endpoint_id: UUID) -> None:
        tried.append(str(endpoint_id))
        if str(endpoint_id) == made[2]["id"]:
            raise OperationalError("", None, OSError())
        await advance(ctx, endpoint_id)

    monkeypatch.setattr(audit_stream, "advance", trouble)
    for one, its in zip(some, made, strict=True):
        await act(one, "PATCH", its["id"], description="new")
    async with context(post_office.platform, Identity(some[1].identity.organization_id)) as ctx:
        await transitions.suspend(ctx, reason="a trial")
    await stream(post_office)
    await post_office.run(DELIVER)
    assert [one["id"] for one in made if one["id"] in tried] == [made[n]["id"] for n in (0, 2, 3)]
    (got,) = receiver.got[arrived:]
    assert opened(made[3]["secret"], got)["type"] == "audit.entry"


async def test_an_endpoint_that_is_deleted_takes_its_deliveries_along(
    post_office: Post, receiver: Receiver
) -> None:
    ada = await post_office.make()
    made = await post_office.endpoint(ada, receiver.url)
    await happen(post_office, ada)
    await act(ada, "DELETE", made["id"])
    await post_office.run(DELIVER)
    assert receiver.got == []
    assert (await ada.client.get(f"{ENDPOINTS}/{made['id']}/deliveries")).status_code == 404


async def test_an_organization_has_twenty_at_most(post_office: Post) -> None:
    ada = await post_office.make()
    for _ in range(20):
        await post_office.endpoint(ada, "https://hooks.example.com/")
    answer = await ada.client.post(ENDPOINTS, json={"url": "https://hooks.example.com/", "events": ["*"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_endpoints")


async def test_without_endpoints_an_event_costs_one_question(post_office: Post) -> None:
    ada = await post_office.make()
    await happen(post_office, ada)
    left = post_office.owner.execute(
        "SELECT count(*) FROM kernel.webhook_messages WHERE organization_id = %s",
        (ada.identity.organization_id,),
    ).fetchone()
    assert left == (0,)
