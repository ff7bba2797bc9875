"""Jobs that wait for their organization to go on are counted as such: nobody may take them."""

from alembic import op

from rowhouse.kernel.db.walls import resolver_function

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

RETURNS = "TABLE (queue text, state text, jobs bigint, oldest timestamptz)"
COUNTED = """
    SELECT d.queue, d.state, count(*), min(d.since) FROM (
        SELECT j.queue, {queued} AS state, j.run_at AS since
        FROM kernel.jobs j {joined} WHERE j.state = 'queued'
        UNION ALL
        SELECT j.queue, CASE WHEN j.claimed_until >= now() THEN 'running' ELSE 'orphaned' END, j.started_at
        FROM kernel.jobs j WHERE j.state = 'running'
        UNION ALL
        SELECT j.queue, 'dead', j.finished_at
        FROM kernel.jobs j WHERE j.state = 'failed' AND j.discarded_at IS NULL
    ) d GROUP BY d.queue, d.state
"""
PAUSED = COUNTED.format(
    queued="CASE WHEN j.run_at > now() THEN 'later'"
    " WHEN o.state IN ('suspended', 'deleted') AND NOT j.kind = ANY ($1) THEN 'paused' ELSE 'waiting' END",
    joined="LEFT JOIN kernel.organizations o ON o.id = j.organization_id",
)
FORMER = COUNTED.format(queued="CASE WHEN j.run_at <= now() THEN 'waiting' ELSE 'later' END", joined="")


def upgrade() -> None:
    _drop("job_depths()")
    resolver_function(op, "job_depths(unhalting text[])", RETURNS, PAUSED)


def downgrade() -> None:
    _drop("job_depths(text[])")
    resolver_function(op, "job_depths()", RETURNS, FORMER)


def _drop(function: str) -> None:
    op.execute("SET LOCAL ROLE rowhouse_resolver")
    op.execute(f"DROP FUNCTION resolve.{function}")
    op.execute("RESET ROLE")
