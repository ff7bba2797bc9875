"""What is under way, in and out, when an organization is suspended or deleted: it waits, and goes on afterwards."""

from typing import Any, Protocol

import pytest

from rowhouse.kernel.context import Ctx, Identity
from rowhouse.kernel.lifecycle import transitions
from tests.isolation.tenants import Someone
from tests.kernel.identity.doubles import context
from tests.kernel.webhooks.staging import DELIVER, Post, Receiver
from tests.kernel.webhooks.test_endpoints import act, happen, opened, stream


class Transition(Protocol):
    async def __call__(self, ctx: Ctx, *, reason: str) -> object: ...


AWAY: dict[str, tuple[Transition, Transition]] = {
    "deleted": (transitions.delete, transitions.restore),
    "suspended": (transitions.suspend, transitions.resume),
}
WEEKS = "interval '3 weeks'"


async def go(office: Post, one: Someone, state: str) -> None:
    """The organization is taken away, with all that a worker then does."""
    there = Identity(organization_id=one.identity.organization_id)
    async with context(office.platform, there) as ctx:
        await AWAY[state][0](ctx, reason="a trial")
    await office.run("kernel.lifecycle_steps")


async def come_back(office: Post, one: Someone, state: str) -> None:
    """Three weeks later, as far as the rows tell."""
    org = one.identity.organization_id
    office.owner.execute(
        f"UPDATE kernel.webhook_deliveries SET expires_at = expires_at - {WEEKS} WHERE organization_id = %s",
        (org,),
    )
    office.owner.execute(
        f"UPDATE kernel.webhook_endpoints SET failing_since = failing_since - {WEEKS} WHERE organization_id = %s",
        (org,),
    )
    async with context(office.platform, Identity(organization_id=org)) as ctx:
        await AWAY[state][1](ctx, reason="a trial")


def delivered(office: Post, one: Someone) -> Any:
    """State of the endpoint and of its delivery, and how often that was tried: read as nobody's, since the sessions of
    a deleted organization stay ended."""
    return office.owner.execute(
        "SELECT e.state, d.state, d.attempts FROM kernel.webhook_deliveries d"
        " JOIN kernel.webhook_endpoints e ON e.organization_id = d.organization_id AND e.id = d.endpoint_id"
        " WHERE d.organization_id = %s",
        (one.identity.organization_id,),
    ).fetchone()


@pytest.mark.parametrize("state", AWAY)
async def test_a_delivery_waits_with_its_organization_and_is_tried_for_a_day_again(
    post_office: Post, receiver: Receiver, state: str
) -> None:
    ada = await post_office.make()
    await post_office.endpoint(ada, receiver.url)
    receiver.answers = [500, 500]
    await happen(post_office, ada)
    await post_office.run(DELIVER)
    await go(post_office, ada, state)
    await post_office.hasten(ada)
    assert len(receiver.got) == 1, "nothing leaves an organization that is away"
    await come_back(post_office, ada, state)
    await post_office.hasten(ada)
    assert delivered(post_office, ada) == ("active", "pending", 2), "one more failure is not the last"
    await post_office.hasten(ada)
    assert delivered(post_office, ada) == ("active", "delivered", 3)


async def test_a_delivery_that_a_person_asked_for_is_tried_once_when_its_organization_is_back(
    post_office: Post, receiver: Receiver
) -> None:
    ada = await post_office.make()
    made = await post_office.endpoint(ada, receiver.url)
    await act(ada, "POST", f"{made['id']}/test")
    await go(post_office, ada, "deleted")
    await come_back(post_office, ada, "deleted")
    receiver.answers = [500]
    await post_office.hasten(ada)
    assert delivered(post_office, ada) == ("active", "failed", 1)


async def test_the_audit_log_goes_on_behind_the_part_that_waited(
    post_office: Post, receiver: Receiver
) -> None:
    ada = await post_office.make()
    made = await post_office.endpoint(ada, receiver.url, ["audit.entry"])
    await stream(post_office)
    await go(post_office, ada, "deleted")
    await post_office.hasten(ada)
    assert receiver.got == []
    await come_back(post_office, ada, "deleted")
    await post_office.hasten(ada)
    await stream(post_office)
    await post_office.run(DELIVER)
    told = [one for got in receiver.got for one in opened(made["secret"], got)["data"]["entries"]]
    actions = [one["action"] for one in told]
    assert {"organization.deleted", "organization.restored"} <= set(actions)
    keys = [(one["seq"], one["position"]) for one in told]
    assert keys == sorted(set(keys))
    counted = post_office.owner.execute(
        "SELECT count(*) FROM audit.links WHERE organization_id = %s AND seq BETWEEN %s AND %s",
        (ada.identity.organization_id, keys[0][0], keys[-1][0]),
    ).fetchone()
    assert counted == (len({seq for seq, _ in keys}),), "none is left out"
