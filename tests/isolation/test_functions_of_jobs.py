"""The functions that look over all jobs, each beside rows that only one of its conditions leaves out."""

import secrets
from typing import Any
from uuid import UUID

import pytest

from tests.isolation.rows import AGO, AHEAD, LONG_AGO, Rows

NOBODYS = UUID(int=0)
"""Where jobs are that are no organization's."""
BEYOND = (1 << 128) - 1000
"""Ids from here on sort behind those of all other organizations in the database."""


def test_job(rows: Rows) -> None:
    mine = rows.member()
    place, account, user = mine.organization_id, mine.account_id, mine.user_id
    id_ = rows.job(place, "rows", account_id=account, user_id=user)
    rows.job(place, "rows")
    assert rows.ask("resolve.job", id_) == [(place, "rows", account, user, "rows")]


def test_organization_jobs(rows: Rows) -> None:
    mine = rows.member()
    place = mine.organization_id
    first = rows.job(place, "rows", account_id=mine.account_id)
    second, third = rows.job(place, "rows", "succeeded"), rows.job(place, "rows")
    rows.job(place, "rows", internal=True)
    rows.job(rows.put("organizations"), "rows")

    def ask(*values: Any) -> list[tuple[UUID, str | None]]:
        return [
            (told[0], told[2])
            for told in rows.ask("resolve.organization_jobs", *values, organization_id=place)
        ]

    assert ask(None, None, 10) == [(third, None), (second, None), (first, "Rower")]
    assert ask("succeeded", None, 10) == [(second, None)]
    assert ask(None, third, 1) == [(second, None)]
    assert rows.ask("resolve.organization_jobs", None, None, 10) == []


def test_jobs_at_once(rows: Rows) -> None:
    place = rows.put("organizations")
    rows.job(place, "rows", "running")
    rows.job(place, "rows", "running", queue="bulk")
    rows.job(place, "rows", "running", queue="critical")
    rows.job(place, "rows", "running", internal=True)
    rows.job(place, "rows", "running", claimed_until=AGO)
    rows.job(place, "rows")
    rows.job(rows.put("organizations"), "rows", "running")
    assert rows.ask("resolve.jobs_at_once", place) == [(2,)]


def test_job_depths(rows: Rows) -> None:
    def ask() -> dict[tuple[str, str], int]:
        return {(queue, state): jobs for queue, state, jobs, _ in rows.ask("resolve.job_depths", ["mails"])}

    before, place = ask(), rows.put("organizations")
    for state, more in (
        *[("queued", {"run_at": AHEAD})] * 2,
        *[("running", {"claimed_until": AGO})] * 3,
        *[("running", {})] * 4,
        *[("failed", {})] * 5,
        ("failed", {"discarded_at": AGO}),
        ("succeeded", {}),
        ("queued", {}),
    ):
        rows.job(place, "rows", state, queue="bulk", **more)
    for halted in ("suspended", "deleted"):
        place = rows.put("organizations", state=halted)
        for more in ({}, {}, {}, {"kind": "mails"}, {"run_at": AHEAD}):
            rows.job(place, **{"kind": "rows", "queue": "bulk", **more})
    added = {key: jobs - before.get(key, 0) for key, jobs in ask().items()}
    assert {key: jobs for key, jobs in added.items() if jobs} == {
        ("bulk", "waiting"): 3,
        ("bulk", "paused"): 6,
        ("bulk", "later"): 4,
        ("bulk", "orphaned"): 3,
        ("bulk", "running"): 4,
        ("bulk", "dead"): 5,
    }


def test_jobs_under_way(rows: Rows, operator: UUID) -> None:
    place, kind = rows.put("organizations"), secrets.token_hex(8)
    running = rows.job(place, kind, "running", started_at=LONG_AGO)
    rows.job(place, kind, "succeeded", started_at=LONG_AGO)
    told = rows.ask("resolve.jobs_under_way", operator_id=operator)
    assert [one[:3] for one in told if one[2] == kind] == [(place, running, kind)]


def test_dead_letters(rows: Rows, operator: UUID) -> None:
    place, kind = rows.put("organizations"), secrets.token_hex(8)
    first = rows.job(place, kind, "failed", subject="boat")
    second = rows.job(place, kind, "failed", subject="oar", error={"code": "lost"})
    other = rows.job(place, f"{kind}-other", "failed", subject="boat")
    rows.job(place, kind, "failed", subject="boat", discarded_at=AGO)
    rows.job(place, kind, "succeeded", subject="boat")

    def ask(*values: Any) -> list[UUID]:
        return [told[1] for told in rows.ask("resolve.dead_letters", *values, operator_id=operator)]

    assert ask(None, kind, None, None, None, 10) == [second, first]
    assert ask(None, kind, "boat", None, None, 10) == [first]
    assert ask(None, kind, None, "lost", None, 10) == [second]
    assert ask(None, kind, None, None, second, 10) == [first]
    assert ask(None, kind, None, None, None, 1) == [second]
    assert ask([first, other], None, None, None, None, 10) == [other, first]


def test_dead_letter_kinds(rows: Rows, operator: UUID) -> None:
    places, kind = [rows.put("organizations") for _ in range(2)], secrets.token_hex(8)
    for place in places * 100:
        rows.job(place, kind, "failed", subject="oar")
    rows.job(places[0], kind, "failed", subject="oar", discarded_at=AGO)
    rows.job(places[0], kind, "succeeded", subject="oar")
    told = rows.ask("resolve.dead_letter_kinds", operator_id=operator)
    assert [one[:5] for one in told if one[0] == kind] == [(kind, "oar", "broken", 200, 2)]


class Due:
    """Organizations beyond all others, with jobs of their own kinds."""

    def __init__(self, rows: Rows) -> None:
        self.rows, self.kind, self.unhalting = rows, secrets.token_hex(8), secrets.token_hex(8)
        self.number = 0

    def place(self, state: str = "active") -> UUID:
        self.number += 1
        id_ = UUID(int=BEYOND + self.number)
        return self.rows.put("organizations", id=id_, state=state)

    def job(self, place: UUID, kind: str = "", state: str = "queued", **given: Any) -> UUID:
        return self.rows.job(place, kind or self.kind, state, **{"queue": "bulk", **given})

    def ask(
        self, queue: str = "bulk", *, cap: int = 2, since: UUID | None = None, most: int = 20
    ) -> list[tuple[int, UUID, UUID | None, int]]:
        told = self.rows.ask(
            "resolve.due_jobs", queue, [self.kind], [self.unhalting], cap, since or UUID(int=BEYOND), most
        )
        return [(one[0], one[1], one[2], one[7]) for one in told]


@pytest.fixture
def due(rows: Rows) -> Due:
    return Due(rows)


def test_due_jobs(due: Due) -> None:
    """An organization a row, though there be nothing to start in it just now; the longest due of what may start."""
    silent = [due.place() for _ in range(2)]
    a = due.place()
    silent += [due.place() for _ in range(2)]
    b, later, late = due.place(), due.place(), due.place()
    for done, other in (silent[:2], silent[2:]):
        due.job(done, state="succeeded")
        due.job(other, queue="default")
    expected = []
    for place, internal in ((a, False), (b, True)):
        decoys: dict[str, Any] = {"run_at": LONG_AGO, "internal": internal}
        due.job(place, state="succeeded", **decoys)
        due.job(place, queue="default", **decoys)
        due.job(place, due.unhalting, **decoys)
        expected.append(due.job(place, internal=internal))
        due.job(place, run_at="now", internal=internal)
    due.job(later, run_at=AHEAD)
    due.job(late, run_at=AHEAD, internal=True)
    assert due.ask() == [
        (1, a, expected[0], 0),
        (2, b, expected[1], 0),
        (3, later, None, 0),
        (4, late, None, 0),
    ]
    assert due.ask(most=2) == [(1, a, expected[0], 0), (2, b, expected[1], 0)]
    assert due.ask(since=b, most=1) == [(1, b, expected[1], 0)]


def test_due_jobs_of_those_who_are_suspended(due: Due) -> None:
    expected = []
    for state in ("suspended", "deleted"):
        place = due.place(state)
        due.job(place, run_at=LONG_AGO)
        due.job(place, run_at=LONG_AGO, internal=True)
        expected.append((place, due.job(place, due.unhalting)))
    assert [one[1:3] for one in due.ask()] == expected


def test_due_jobs_whose_worker_is_gone(due: Due) -> None:
    a, halted = due.place(), due.place("suspended")
    orphans = [due.job(a, state="running", claimed_until=AGO)]
    orphans.append(due.job(halted, due.unhalting, "running", claimed_until=AGO))
    due.job(a, state="running")
    due.job(a, due.unhalting, "running", claimed_until=AGO)
    due.job(halted, state="running", claimed_until=AGO)
    due.job(a, state="running", claimed_until=AGO, queue="default")
    assert sorted(due.ask()) == [(0, a, orphans[0], 0), (0, halted, orphans[1], 0)]


def test_due_jobs_at_once(due: Due) -> None:
    """What members have asked for counts, wherever it runs but among the critical; what is critical need not wait."""
    free, full = due.place(), due.place()
    for place in (free, full):
        due.job(place, state="running")
        due.job(place, state="running", queue="critical")
        due.job(place, state="running", internal=True)
        due.job(place, due.unhalting, "running", claimed_until=AGO)
    due.job(full, state="running", queue="default")
    mine, theirs = due.job(free), due.job(full)
    critical = due.job(full, queue="critical")
    assert due.ask() == [(1, free, mine, 3), (2, full, None, 4)]
    assert due.ask(cap=3) == [(1, free, mine, 3), (2, full, theirs, 4)]
    assert due.ask("critical") == [(1, full, critical, 4)]
    nobodys = [due.job(NOBODYS, state="running", run_at=LONG_AGO) for _ in range(3)]
    nobodys.append(due.job(NOBODYS, run_at=LONG_AGO))
    assert [one[1:3] for one in due.ask(since=NOBODYS, most=1) if one[0]] == [(NOBODYS, nobodys[-1])]
