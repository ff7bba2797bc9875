"""The functions that only operators, or nobody but the scheduler, are told by, each beside rows that only one of its
conditions leaves out."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now
from tests.isolation.rows import AGO, AHEAD, LONG_AGO, Rows

OF_ANYBODY = object()
"""In place of an organization's id."""


def test_operator_login(rows: Rows) -> None:
    mine = rows.put("operators", email_key="a@rows.example", password_hash="hash")
    rows.put("operators", email_key="b@rows.example", state="disabled")
    assert rows.ask("resolve.operator_login", "a@rows.example") == [(mine, "hash")]
    assert rows.ask("resolve.operator_login", "b@rows.example") == []


def test_operator_session(rows: Rows, operator: UUID) -> None:
    tokens = [secrets.token_bytes(32) for _ in range(5)]
    id_ = rows.put("operator_sessions", operator_id=operator, token_hash=tokens[0])
    rows.put("operator_sessions", operator_id=operator, token_hash=tokens[1], ended_at=AGO)
    rows.put("operator_sessions", operator_id=operator, token_hash=tokens[2], expires_at=AGO)
    disabled = rows.put("operators", state="disabled")
    rows.put("operator_sessions", operator_id=disabled, token_hash=tokens[3])
    assert rows.ask("resolve.operator_session", tokens[0]) == [(operator, id_, "operator")]
    rows.tells_nothing("resolve.operator_session", *tokens[1:])


def test_operator_setup(rows: Rows) -> None:
    tokens = [secrets.token_bytes(32) for _ in range(4)]
    invited = rows.put("operators", state="invited", setup_hash=tokens[0], setup_until=AHEAD)
    rows.put("operators", state="invited", setup_hash=tokens[1], setup_until=AGO)
    rows.put("operators", state="disabled", setup_hash=tokens[2], setup_until=AHEAD)
    assert rows.ask("resolve.operator_setup", tokens[0]) == [(invited,)]
    rows.tells_nothing("resolve.operator_setup", *tokens[1:])


def test_look_lasts(rows: Rows, operator: UUID) -> None:
    def look(begun_by: UUID | None, operator_id: UUID | None = operator) -> UUID:
        return rows.session(rows.member(), operator_id=operator_id, operator_session_id=begun_by)

    def signed_in(operator_id: UUID = operator, **given: Any) -> UUID:
        return rows.put("operator_sessions", operator_id=operator_id, **given)

    begun_by = signed_in()
    assert rows.ask("resolve.look_lasts", look(begun_by)) == [(True,)]
    disabled, invited = rows.put("operators", state="disabled"), rows.put("operators", state="invited")
    over = [
        look(signed_in(ended_at=AGO)),
        look(signed_in(expires_at=AGO)),
        look(signed_in(disabled), disabled),
        look(signed_in(invited), invited),
        look(None),
        look(begun_by, rows.put("operators")),
        rows.session(rows.member()),
        uuid7(),
    ]
    for number, one in enumerate(over):
        assert rows.ask("resolve.look_lasts", one) == [(False,)], number


@pytest.mark.parametrize(
    ("function", "values"),
    [
        ("dead_letter_kinds", ()),
        ("dead_letters", (None, None, None, None, None, 10)),
        ("jobs_under_way", ()),
        ("organization_accounts", (OF_ANYBODY, None, None, 10)),
        ("organizations", (None, None, None, 10)),
        ("platform_figures", ()),
        ("scheduled_runs", ()),
    ],
)
def test_operators_alone_are_told(rows: Rows, operator: UUID, function: str, values: Sequence[Any]) -> None:
    place = rows.member().organization_id
    values = [place if one is OF_ANYBODY else one for one in values]
    rows.job(place, "rows", "failed")
    rows.job(place, "rows", "running")
    rows.put("scheduled_runs", schedule="rows", due_at=AGO, started_at=AGO)
    assert rows.ask(f"resolve.{function}", *values, operator_id=operator)
    assert rows.ask(f"resolve.{function}", *values) == []
    for one in (rows.put("operators", state="disabled"), rows.put("operators", state="invited"), uuid7()):
        assert rows.ask(f"resolve.{function}", *values, operator_id=one) == []


def test_organizations(rows: Rows, operator: UUID) -> None:
    name = secrets.token_hex(8)
    first, second, third = (rows.put("organizations", name=f"{n}{name}") for n in "abc")
    rows.put("organizations")
    rows.superuser.execute("UPDATE kernel.organizations SET state = 'suspended' WHERE id = %s", (second,))
    for state in ("active", "suspended"):
        rows.member(first, state=state)
        rows.member(third)

    def ask(*values: Any) -> list[tuple[UUID, int]]:
        return [
            (told[0], told[5]) for told in rows.ask("resolve.organizations", *values, operator_id=operator)
        ]

    assert ask(name.upper(), None, None, 10) == [(third, 2), (second, 0), (first, 1)]
    assert ask(name, "suspended", None, 10) == [(second, 0)]
    assert ask(name, None, third, 10) == [(second, 0), (first, 1)]
    assert ask(name, None, None, 1) == [(third, 2)]
    assert ask(str(first), None, None, 10) == [(first, 1)]


def test_organization_accounts(rows: Rows, operator: UUID) -> None:
    mine = rows.member()
    beside = rows.member(mine.organization_id)
    rows.member()

    def ask(*values: Any) -> list[Any]:
        told = rows.ask("resolve.organization_accounts", mine.organization_id, *values, operator_id=operator)
        return [(one[0], one[1], one[2], one[4], one[5]) for one in told]

    first, second = ((one.account_id, one.user_id, "Rower", "member", "active") for one in (mine, beside))
    assert ask(None, None, 10) == [first, second]
    assert ask(None, None, 1) == [first]
    assert ask(None, mine.account_id, 10) == [second]
    assert ask(beside.account_id, None, 10) == [second]
    assert ask(uuid7(), None, 10) == []


def test_platform_figures(rows: Rows, operator: UUID) -> None:
    def ask() -> dict[tuple[str, str], int]:
        told = rows.ask("resolve.platform_figures", operator_id=operator)
        return {(figure, of): count for figure, of, count, _ in told}

    before = ask()
    rows.put("users", email_verified_at=None)
    place, other = rows.put("organizations"), rows.put("organizations")
    role = rows.own_role(place, "rows-own")
    mine, beside = rows.member(place, role=role), rows.member(place)
    rows.member(place, state="removed")
    rows.member(other, role=role)
    for member in (mine, beside):
        rows.session(member)
    for days, member in ((2, rows.member()), (10, rows.member()), (40, rows.member())):
        rows.session(member, renewed_at=now() - timedelta(days=days))
    rows.session(rows.member(), operator_id=operator)
    for member, completed in ((mine, AGO), (beside, AGO), (rows.member(), None)):
        whose = {"organization_id": member.organization_id, "account_id": member.account_id}
        rows.put("onboarding", user_id=member.user_id, completed_at=completed, **whose)
    added = {key: count - before.get(key, 0) for key, count in ask().items()}
    assert {key: count for key, count in added.items() if count} == {
        ("organizations", "active"): 8,
        ("users", "active"): 9,
        ("accounts", "own"): 1,
        ("accounts", "rows-own"): 1,
        ("accounts", "member"): 6,
        ("active_users", "day"): 2,
        ("active_users", "week"): 3,
        ("active_users", "month"): 4,
        ("active_organizations", "day"): 1,
        ("active_organizations", "month"): 3,
        ("onboarding", "completed"): 2,
        ("onboarding", "begun"): 1,
    }
    assert rows.ask("resolve.platform_figures", role="app_admin")


def test_organization_zone(rows: Rows) -> None:
    place = rows.put("organizations", settings={"timezone": "Europe/Zurich"})
    rows.put("organizations", settings={"timezone": "Asia/Tokyo"})
    assert rows.ask("resolve.organization_zone", place, role="app_admin") == [("Europe/Zurich",)]
    assert rows.ask("resolve.organization_zone", place) == [(None,)]


def test_fitness_figures(rows: Rows) -> None:
    assert [told[:2] for told in rows.ask("resolve.fitness_figures", role="app_admin")] == [
        ("data_quality", "workouts")
    ]
    assert rows.ask("resolve.fitness_figures") == []


def test_scheduled_runs(rows: Rows, operator: UUID) -> None:
    for due, started in ((LONG_AGO, LONG_AGO), (AGO, AGO)):
        rows.put("scheduled_runs", schedule="rows", due_at=due, started_at=started)
    told = [one for one in rows.ask("resolve.scheduled_runs", operator_id=operator) if one[0] == "rows"]
    assert [one[1].year > 1970 for one in told] == [True]
