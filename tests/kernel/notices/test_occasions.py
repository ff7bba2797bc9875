"""What people are told of: each occasion, to whom it concerns, with the page that shows it."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select, update

from rowhouse.apps.fitness.files.importing import IMPORT
from rowhouse.kernel.context import Identity, RequestInfo
from rowhouse.kernel.events.delivery import DELIVER_EVENT
from rowhouse.kernel.jobs.models import Job
from rowhouse.kernel.jobs.runner import run_job
from rowhouse.kernel.jobs.service import enqueue
from rowhouse.kernel.lifecycle import transitions
from rowhouse.kernel.membership.events import MemberJoined
from rowhouse.kernel.membership.telling import tell_inviter
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.work import open_context
from tests.conftest import Person
from tests.generators.activities import activity
from tests.generators.fit import fit_file
from tests.kernel.membership.fixtures import MakeMember
from tests.kernel.membership.teams import Team, data

HERE = RequestInfo("test")
Said = list[tuple[str, str, str]]


async def said(person: Person, account: UUID | None = None) -> Said:
    """Kind, text and page of what somebody was told, the newest first; in the organization of `account`."""
    headers = {}
    if account is not None:
        switched = data(await person.client.post("/api/v1/auth/switch", json={"account_id": str(account)}))
        headers = {"Authorization": f"Bearer {switched['access_token']}"}
    notices = data(await person.client.get("/api/v1/notices", headers=headers))
    return [(one["kind"], one["text"], one["href"]) for one in notices]


async def work(platform: Platform, job_id: UUID) -> None:
    await run_job(platform, job_id, worker="test", stopping=lambda: False)


async def test_whoever_invited_is_told_once_also_when_the_event_is_replayed(
    platform: Platform, team: Team, make_member: MakeMember
) -> None:
    member, account = await make_member("member")
    joined = Identity(team.id, member.identity.user_id, account, role="member")
    async with open_context(platform, joined, HERE) as ctx:
        own = (Job.organization_id == ctx.org, Job.kind == DELIVER_EVENT.name)
        (delivery,) = (await ctx.session.scalars(select(Job.id).where(*own))).all()
    await work(platform, delivery)
    for _ in range(2):
        async with open_context(platform, joined, HERE) as ctx:
            await tell_inviter.handler(ctx, MemberJoined(account, "member"))
            assert ctx.identity == joined
            # Bound as before: what comes after is the joined account's own again.
            assert (await ctx.session.scalars(select(Job.account_id).where(*own))).all() == [account]
    told = ("kernel.invitation_accepted", "Somebody whom you have invited has joined as member.")
    assert await said(team.owner, team.account_id) == [(*told, "/organization/members")]
    assert await said(member, account) == []


async def test_a_member_is_told_of_another_role(team: Team, make_member: MakeMember) -> None:
    member, account = await make_member("member")
    for role in ("admin", "admin", "viewer"):
        data(await team.edit(account, role=role))
    assert await said(member, account) == [
        ("kernel.membership", "Your role was changed from admin to viewer.", "/settings/access"),
        ("kernel.membership", "Your role was changed from member to admin.", "/settings/access"),
    ]


async def test_owners_are_told_what_becomes_of_their_organization(
    platform: Platform, team: Team, make_member: MakeMember
) -> None:
    member, account = await make_member("admin")
    # As an operator's command does it.
    for step in (transitions.suspend, transitions.resume):
        async with open_context(platform, Identity(team.id), HERE) as ctx:
            await step(ctx, "for the test")
    told = await said(team.owner, team.account_id)
    assert [one[1] for one in told if one[0] == "kernel.organization"] == [
        "Your organization is not suspended any more.",
        "Your organization was suspended. Nobody can act in it; its data is kept.",
    ]
    assert await said(member, account) == []


async def test_work_that_was_given_up(platform: Platform, person: Person) -> None:
    async with open_context(platform, person.identity, HERE) as ctx:
        job = await enqueue(ctx, IMPORT, {})
        mine = (Job.organization_id == ctx.org, Job.id == job)
        await ctx.session.execute(update(Job).where(*mine).values(attempts=IMPORT.max_attempts))
    for _ in range(2):
        await work(platform, job)
    (told,) = await said(person)
    assert told == (
        "kernel.job_failed",
        "Something that you started was given up. The job ended its worker each time it was tried.",
        "/jobs",
    )
    # Tried again it fails anew, which is another occasion.
    data(await person.client.post(f"/api/v1/jobs/{job}/retry"))
    async with open_context(platform, person.identity, HERE) as ctx:
        await ctx.session.execute(update(Job).where(*mine).values(attempts=IMPORT.max_attempts))
    await work(platform, job)
    assert len(await said(person)) == 2


async def test_an_upload_that_leaves_something_open(platform: Platform, person: Person) -> None:
    fine = ("files", ("fine.fit", fit_file(activity(seed=1))))
    for files in ([fine], [fine, ("files", ("notes.txt", b"no activity"))]):
        answer = await person.client.post("/api/v1/uploads", files=files)
        job = UUID(data(answer, 202)["job_id"])
        await work(platform, job)
    told = [("fitness.import", "Your upload is done: 1 file is in, 1 file was refused.", "/uploads")]
    assert await said(person) == told, "what went well is not told"
    # A worker that died right after it told comes to the same end again.
    async with open_context(platform, replace(person.identity), HERE) as ctx:
        row = await ctx.session.get_one(Job, (ctx.org, job))
        row.state, row.finished_at = "queued", None
    await work(platform, job)
    assert await said(person) == told
