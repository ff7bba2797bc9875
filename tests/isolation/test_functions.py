"""The functions that look past the policies, each asked by itself, beside a row for each of its conditions that only
that condition leaves out. A test bears the name of its function; a function without a test fails.

Here are those that say who somebody is, what is theirs, and what is erased; those of jobs and those for operators have
modules of their own.
"""

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now
from tests.isolation import test_functions_for_operators, test_functions_of_jobs
from tests.isolation.conftest import Connection
from tests.isolation.rows import AGO, AHEAD, Rows

READING = """
    SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    JOIN pg_language l ON l.oid = p.prolang
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND l.lanname = 'sql' AND p.prosrc ~ 'FROM \\w+\\.\\w'
        OR n.nspname = 'resolve'
"""
HOLDS = ["kernel.jobs.read"]


def test_every_function_is_asked(superuser: Connection) -> None:
    found = {name for (name,) in superuser.execute(READING).fetchall()}
    assert len(found) >= 40
    asked = {*globals(), *vars(test_functions_of_jobs), *vars(test_functions_for_operators)}
    assert {name for name in found if f"test_{name}" not in asked} == set()


# Who somebody is, before they have a context


def test_login(rows: Rows) -> None:
    mine = rows.put("users", email_key="a@rows.example", password_hash="hash")
    unverified = rows.put("users", email_key="b@rows.example", email_verified_at=None)
    suspended = rows.put("users", email_key="c@rows.example", state="suspended")
    assert rows.ask("resolve.login", "a@rows.example") == [(mine, "hash", True, True)]
    assert rows.ask("resolve.login", "b@rows.example") == [(unverified, None, False, True)]
    assert rows.ask("resolve.login", "c@rows.example") == [(suspended, None, True, False)]
    assert rows.ask("resolve.login", "d@rows.example") == []


def test_session(rows: Rows) -> None:
    place = rows.put("organizations", settings={"mfa_required": True, "session_hours": 2})
    mine = rows.member(place, role=rows.own_role(place))
    (told,) = rows.ask("resolve.session", rows.session(mine))
    assert told[:5] == (mine.user_id, place, mine.account_id, "rower", HOLDS)
    assert told[6:] == (["password"], None, True, None)
    shut = [
        rows.session(mine, ended_at=AGO),
        rows.session(mine, expires_at=AGO),
        rows.session(mine, created_at=AGO),
        rows.session(mine, user_id=rows.put("users")),
        rows.session(rows.member(person="suspended")),
        rows.session(rows.member(organization="suspended")),
        rows.session(rows.member(state="suspended")),
        uuid7(),
    ]
    rows.tells_nothing("resolve.session", *shut)


def test_api_key(rows: Rows) -> None:
    place = rows.put("organizations")
    mine = rows.member(place, role=rows.own_role(place))
    (told,) = rows.ask("resolve.api_key", rows.key(mine, secret_hash=b"s" * 32))
    assert told == (
        *(mine.user_id, place, mine.account_id, "rower"),
        *(HOLDS, HOLDS, b"s" * 32, None, None, None),
    )
    assert rows.ask("resolve.api_key", rows.key(mine, expires_at=AHEAD))
    shut = [
        rows.key(mine, revoked_at=AGO),
        rows.key(mine, expires_at=AGO),
        rows.key(rows.member(person="suspended")),
        rows.key(rows.member(organization="suspended")),
        rows.key(rows.member(state="suspended")),
        uuid7(),
    ]
    rows.tells_nothing("resolve.api_key", *shut)


def test_refresh(rows: Rows) -> None:
    mine, token = rows.member(), secrets.token_bytes(32)
    session = rows.session(mine)
    id_ = rows.put("refresh_tokens", user_id=mine.user_id, session_id=session, token_hash=token)
    rows.put("refresh_tokens", user_id=mine.user_id, session_id=session)
    assert rows.ask("resolve.refresh", token) == [(mine.user_id, id_, session)]


def test_proof(rows: Rows) -> None:
    user, token = rows.put("users"), secrets.token_bytes(32)
    id_ = rows.put("proofs", user_id=user, purpose="unlock", token_hash=token)
    rows.put("proofs", user_id=user, purpose="step_up", token_hash=token)
    rows.put("proofs", user_id=user, purpose="unlock")
    assert rows.ask("resolve.proof", token, "unlock") == [(user, id_)]


def test_passkey(rows: Rows) -> None:
    user = rows.put("users")
    rows.put("passkeys", user_id=user, credential_id=b"rows-1")
    rows.put("passkeys", user_id=rows.put("users"), credential_id=b"rows-2")
    assert rows.ask("resolve.passkey", b"rows-1") == [(user,)]


def test_external_identity(rows: Rows) -> None:
    user, suspended = rows.put("users"), rows.put("users", state="suspended")
    for whose, issuer, subject in ((user, "a", "1"), (suspended, "a", "2"), (suspended, "b", "1")):
        rows.put("external_identities", user_id=whose, issuer=f"rows-{issuer}", subject=subject)
    assert rows.ask("resolve.external_identity", "rows-a", "1") == [(user, True)]
    assert rows.ask("resolve.external_identity", "rows-a", "2") == [(suspended, False)]


def test_external_organization(rows: Rows) -> None:
    place = rows.put("organizations", external_id="rows-1", state="suspended")
    rows.put("organizations", external_id="rows-2")
    assert rows.ask("resolve.external_organization", "rows-1") == [(place, "suspended")]


def test_connections(rows: Rows) -> None:
    mine, other = rows.member(), rows.member()

    def connect(by: Any, external_id: str = "rows-1", **given: Any) -> UUID:
        whose = {"organization_id": by.organization_id, "account_id": by.account_id}
        return rows.put("connections", **{**whose, "service": "rows", "external_id": external_id, **given})

    known = connect(mine)
    shared = connect(other, account_id=None, state="needs_reauth")
    connect(mine, external_id="rows-2")
    connect(mine, service="others")
    suspended = rows.member(state="suspended")
    connect(suspended)
    rows.member(id=suspended.account_id)  # of another organization
    connect(rows.member(), state="revoking")
    assert rows.ask("resolve.connections", "rows", "rows-1") == (
        [
            (mine.organization_id, known, mine.account_id, mine.user_id),
            (other.organization_id, shared, None, None),
        ]
    )


def test_invitation(rows: Rows) -> None:
    inviter, token = rows.member(), secrets.token_bytes(32)

    def invite(by: Any, **given: Any) -> bytes:
        hash_ = secrets.token_bytes(32)
        rows.put(
            "invitations",
            **{
                "organization_id": by.organization_id,
                "invited_by": by.account_id,
                "token_hash": hash_,
                **given,
            },
        )
        return hash_

    shut = [
        invite(inviter, state="revoked"),
        invite(inviter, expires_at=AGO),
        invite(rows.member(organization="suspended")),
        invite(rows.member(state="suspended")),
        secrets.token_bytes(32),
    ]
    invite(inviter, token_hash=token, email="new@rows.example")
    ((place, _, *offered),) = rows.ask("resolve.invitation", token)
    assert (place, *offered) == (inviter.organization_id, "Rowers", "member", "new@rows.example", "Rower")
    rows.tells_nothing("resolve.invitation", *shut)


def test_restoration(rows: Rows) -> None:
    tokens = [secrets.token_bytes(32) for _ in range(3)]
    place = rows.put("organizations", state="deleted", restore_hash=tokens[0])
    # One that was restored keeps nothing that says it was deleted; what held the link is told nothing either way.
    rows.put("organizations", restore_hash=tokens[1])
    rows.put("organizations", state="deleted", restore_hash=tokens[2], erase_at=AGO)
    assert rows.ask("resolve.restoration", tokens[0]) == [(place,)]
    rows.tells_nothing("resolve.restoration", *tokens[1:])


def test_deletion(rows: Rows) -> None:
    user, tokens = rows.put("users"), [secrets.token_bytes(32) for _ in range(3)]
    id_ = rows.put("person_deletions", user_id=user, cancel_hash=tokens[0])
    rows.put("person_deletions", user_id=rows.put("users"), cancel_hash=tokens[1], started_at=AGO)
    assert rows.ask("resolve.deletion", tokens[0]) == [(user, id_)]
    rows.tells_nothing("resolve.deletion", *tokens[1:])


def test_receipt(rows: Rows) -> None:
    mine, theirs = uuid7(), uuid7()
    erased = rows.put("person_erasures", user_id=uuid7(), asked_by=mine, certificate={"mine": True})
    erasing = [
        rows.put("person_deletions", user_id=rows.put("users"), asked_by=whose, started_at=started)
        for whose, started in ((mine, AGO), (mine, None), (theirs, AGO))
    ]
    other = rows.put("person_erasures", user_id=uuid7(), asked_by=theirs)
    rows.put("person_erasures", user_id=uuid7(), asked_by=mine)
    ((_, at, certificate),) = rows.ask("resolve.receipt", erased, mine)
    assert at
    assert certificate == {"mine": True}
    assert [told[1:] for told in rows.ask("resolve.receipt", erasing[0], mine)] == [(None, None)]
    for one in (*erasing[1:], other, uuid7()):
        assert rows.ask("resolve.receipt", one, mine) == []


def test_certificate(rows: Rows) -> None:
    id_ = rows.put("person_erasures", user_id=uuid7(), certificate={"this": "one"})
    rows.put("person_erasures", user_id=uuid7())
    assert rows.ask("resolve.certificate", id_) == [({"this": "one"},)]


# What belongs to the context's own organization or person


def test_actors(rows: Rows) -> None:
    mine = rows.member()
    rows.member()
    told = rows.ask("resolve.actors", organization_id=mine.organization_id)
    assert told == [(mine.account_id, mine.user_id, "Rower")]
    assert rows.ask("resolve.actors") == []


def test_members(rows: Rows, operator: UUID) -> None:
    mine = rows.member()
    place, account = mine.organization_id, mine.account_id
    suspended = rows.member(place, state="suspended")
    rows.member(place, state="removed")
    elsewhere = rows.member(user_id=mine.user_id, id=account)
    rows.session(mine, renewed_at=AGO)
    for session in ({"operator_id": operator}, {"account_id": suspended.account_id}):
        rows.session(mine, **session)
    rows.session(elsewhere)

    def ask(*columns: int) -> list[tuple[Any, ...]]:
        told = rows.ask("resolve.members", organization_id=place)
        return sorted(tuple(one[column] for column in columns) for one in told)

    assert ask(0, 1, 2, 4, 5) == [
        (account, mine.user_id, "Rower", "member", "active"),
        (suspended.account_id, suspended.user_id, "Rower", "member", "suspended"),
    ]
    assert ask(0, 6) == [(account, False), (suspended.account_id, False)]
    assert ask(0, 7)[0][1] < now() - timedelta(hours=23)
    rows.session(elsewhere, methods=["password", "totp"])
    assert ask(0, 6) == [(account, True), (suspended.account_id, False)]
    assert rows.ask("resolve.members") == []


def test_presences(rows: Rows) -> None:
    mine, other = rows.member(), rows.member()
    place, account = mine.organization_id, mine.account_id
    living = {(rows.session(mine), account), (rows.key(mine), account)}
    rows.session(mine, ended_at=AGO)
    rows.session(mine, expires_at=AGO)
    rows.key(mine, revoked_at=AGO)
    rows.session(other)
    rows.key(other)
    assert set(rows.ask("resolve.presences", organization_id=place)) == living
    assert rows.ask("resolve.presences") == []


def test_own_accounts(rows: Rows) -> None:
    place = rows.put("organizations", settings={"mfa_required": True})
    mine = rows.member(place, role=rows.own_role(place))
    suspended = rows.member(user_id=mine.user_id, state="suspended", organization="suspended")
    rows.member(user_id=mine.user_id, state="removed")
    rows.member(place)
    assert rows.ask("resolve.own_accounts", user_id=mine.user_id) == [
        (mine.account_id, place, "Rowers", "team", "active", "rower", "active", HOLDS, True),
        (
            *(suspended.account_id, suspended.organization_id, "Rowers", "team"),
            *("suspended", "member", "suspended", None, False),
        ),
    ]
    assert rows.ask("resolve.own_accounts") == []


def test_own_organizations(rows: Rows) -> None:
    place = rows.put("organizations")
    mine = rows.member(place, role=rows.own_role(place))
    deleted = rows.member(user_id=mine.user_id, organization="deleted")
    rows.member(user_id=mine.user_id, organization="erased")
    rows.member(user_id=mine.user_id, state="suspended")
    rows.member(place)
    told = rows.ask("resolve.own_organizations", user_id=mine.user_id)
    assert sorted(one[:7] for one in told) == [
        (mine.account_id, "rower", HOLDS, place, "Rowers", "team", "active"),
        (deleted.account_id, "member", None, deleted.organization_id, "Rowers", "team", "deleted"),
    ]
    assert rows.ask("resolve.own_organizations") == []


def test_granted_athletes(rows: Rows) -> None:
    """Asked past the policy of grants, which says some of the same."""
    grantee = rows.member()
    place = grantee.organization_id

    def grant(by: UUID | None = None, **given: Any) -> UUID:
        by = by or rows.member(place).account_id
        whole = {
            "organization_id": place,
            "account_id": grantee.account_id,
            "granted_by": by,
            "resource_id": by,
        }
        rows.put("grants", **{**whole, **given})
        return by

    granted = {grant(), grant(expires_at=AHEAD)}
    grant(expires_at=AGO)
    grant(account_id=rows.member(place).account_id)
    grant(resource_kind="fitness.workout")
    grant(resource_id=rows.member(place).account_id)
    grant(permissions=["fitness.coaching.read"])
    elsewhere = rows.member(user_id=grantee.user_id)
    grant(
        rows.member(elsewhere.organization_id).account_id,
        organization_id=elsewhere.organization_id,
        account_id=elsewhere.account_id,
    )

    def ask(account: UUID) -> set[UUID]:
        context = {"organization_id": place, "account_id": account}
        ((told,),) = rows.ask("fitness.granted_athletes", "fitness.workouts.read", role="postgres", **context)
        return set(told)

    assert ask(grantee.account_id) == granted
    assert ask(elsewhere.account_id) == set()


# Erasing, asked past the policies of what is erased


def test_erasing(rows: Rows) -> None:
    due = rows.put("organizations", state="deleted", erase_at=AGO)
    others = [rows.put("organizations", state="deleted"), rows.put("organizations")]
    assert _erases(rows, "erasing", organization_id=due) == due
    for one in (*others, uuid7()):
        assert _erases(rows, "erasing", organization_id=one) is None


def test_erasing_person(rows: Rows) -> None:
    assert _erases(rows, "erasing_person", user_id=_erased(rows)) is not None
    for one in (_erased(rows, due_at=AHEAD), _erased(rows, started_at=None), rows.put("users")):
        assert _erases(rows, "erasing_person", user_id=one) is None


def test_erasing_account(rows: Rows) -> None:
    mine = rows.member(user_id=_erased(rows))
    elsewhere, beside = rows.member(user_id=mine.user_id), rows.member(mine.organization_id)

    def ask(account: UUID, organization: UUID = mine.organization_id) -> Any:
        context = {"organization_id": organization, "user_id": mine.user_id, "account_id": account}
        return _erases(rows, "erasing_account", **context)

    assert ask(mine.account_id) == mine.account_id
    assert ask(mine.account_id, elsewhere.organization_id) is None
    assert ask(beside.account_id) is None


def test_erasing_address(rows: Rows) -> None:
    mine = _erased(rows)
    (address,) = (
        rows.superuser.execute("SELECT email_key FROM kernel.users WHERE id = %s", (mine,)).fetchone() or ()
    )
    assert _erases(rows, "erasing_address", user_id=mine) == address
    assert _erases(rows, "erasing_address", user_id=rows.put("users")) is None


def _erased(rows: Rows, **given: Any) -> UUID:
    """A person whose deletion has begun, or would have but for what is given."""
    user = rows.put("users")
    rows.put("person_deletions", user_id=user, **{"started_at": AGO, **given})
    return user


def _erases(rows: Rows, function: str, **context: UUID) -> Any:
    ((told,),) = rows.ask(f"app.{function}", role="postgres", **context)
    return told
