"""Jobs are picked fairly, tried again and given up by name; runs of schedules and replays of events are rows."""

from alembic import op

from rowhouse.kernel.db.walls import (
    STAMP_COLUMNS,
    audited,
    platform_table,
    resolver_access,
    resolver_function,
)

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NOBODYS = "'00000000-0000-0000-0000-000000000000'::uuid"
ACTIVE = (
    "EXISTS (SELECT FROM kernel.operators me WHERE me.id = (SELECT app.operator()) AND me.state = 'active')"
)
READ = (
    "queue", "internal", "state", "subject", "error_code", "discarded_at", "done", "total", "attempts", "worker",
    "run_at", "claimed_until", "created_at", "started_at", "finished_at",
)  # fmt: skip
LISTED = (
    "queue", "internal", "subject", "error_code", "discarded_at", "attempts", "created_at", "started_at", "finished_at",
)  # fmt: skip
BOOKKEEPING = (
    "claims",
    "attempts",
    "claimed_until",
    "worker",
    "run_at",
    "done",
    "total",
    "result",
    "started_at",
)
STORED = "organization_id, id, position, type, aggregate_id, account_id, user_id, request_id, created_at"
RESOLVERS = (
    "due_jobs(text, text[], text[], integer, uuid, integer)",
    "jobs_at_once(uuid)",
    "job_depths()",
    "dead_letters(uuid[], text, text, text, uuid, integer)",
    "dead_letter_kinds()",
    "jobs_under_way()",
    "organization_jobs(text, uuid, integer)",
    "scheduled_runs()",
)


def upgrade() -> None:
    _jobs()
    _deliveries()
    _replays()
    _scheduled_runs()
    _picking()
    _counting()
    _dead_letters()
    _showing()


def downgrade() -> None:
    op.execute("SET LOCAL ROLE rowhouse_resolver")
    for function in RESOLVERS:
        op.execute(f"DROP FUNCTION resolve.{function}")
    op.execute("RESET ROLE")
    op.execute("DROP TABLE kernel.scheduled_runs")
    op.execute("DROP TABLE kernel.replays")
    op.execute("DROP POLICY admin_access ON kernel.outbox")
    op.execute(f"REVOKE SELECT ({STORED}) ON kernel.outbox FROM app_admin")
    op.execute("GRANT SELECT (organization_id, id) ON kernel.outbox TO app_admin")
    op.execute(f"DELETE FROM kernel.deliveries WHERE replay_id <> {NOBODYS}")
    op.execute("ALTER TABLE kernel.deliveries DROP CONSTRAINT deliveries_pkey, DROP COLUMN replay_id")
    op.execute("ALTER TABLE kernel.deliveries ADD PRIMARY KEY (organization_id, event_id, subscription)")
    op.execute(f"REVOKE SELECT ({', '.join(READ)}) ON kernel.jobs FROM rowhouse_resolver")
    op.execute(f"REVOKE SELECT ({', '.join(LISTED)}) ON kernel.jobs FROM app_admin")
    for index in ("waiting", "running", "failed"):
        op.execute(f"DROP INDEX kernel.jobs_{index}_idx")
    for column in ("subject", "error_code", "discarded_at"):
        op.execute(f"ALTER TABLE kernel.jobs DROP COLUMN {column}")
    op.execute("ALTER TABLE kernel.jobs ADD COLUMN publish_at timestamptz NOT NULL DEFAULT now()")
    op.execute("ALTER TABLE kernel.jobs ALTER COLUMN publish_at DROP DEFAULT")
    op.execute("CREATE INDEX jobs_due_idx ON kernel.jobs (publish_at) WHERE state IN ('queued', 'running')")
    op.execute("GRANT SELECT (publish_at), UPDATE (publish_at) ON kernel.jobs TO app_admin")
    audited(op, "kernel.jobs", masked=("arguments", "result", "error"), ignored=(*BOOKKEEPING, "publish_at"))


def _jobs() -> None:
    # What is sent to whom is decided when a worker looks, not beforehand: nobody marks rows as sent any more.
    # `subject` and `error_code` are what operators may know of a job; neither says anything of a tenant's.
    op.execute(
        """
        ALTER TABLE kernel.jobs
            DROP COLUMN publish_at,
            ADD COLUMN subject text CHECK (length(subject) BETWEEN 1 AND 200),
            ADD COLUMN error_code text GENERATED ALWAYS AS (error ->> 'code') STORED,
            ADD COLUMN discarded_at timestamptz,
            ADD CONSTRAINT jobs_discarded_check CHECK (discarded_at IS NULL OR state = 'failed')
        """
    )
    # The picker: from one organization to the next, then the oldest due row of it.
    op.execute(
        "CREATE INDEX jobs_waiting_idx ON kernel.jobs (queue, organization_id, internal, run_at, id)"
        " WHERE state = 'queued'"
    )
    op.execute("CREATE INDEX jobs_running_idx ON kernel.jobs (organization_id) WHERE state = 'running'")
    op.execute(
        "CREATE INDEX jobs_failed_idx ON kernel.jobs (id) WHERE state = 'failed' AND discarded_at IS NULL"
    )
    op.execute(f"GRANT SELECT ({', '.join(LISTED)}) ON kernel.jobs TO app_admin")
    op.execute(f"GRANT SELECT ({', '.join(READ)}) ON kernel.jobs TO rowhouse_resolver")
    audited(op, "kernel.jobs", masked=("arguments", "result", "error"), ignored=BOOKKEEPING)


def _deliveries() -> None:
    # The first delivery of an event is no replay; each replay is a delivery of its own, with its own mark.
    op.execute(f"ALTER TABLE kernel.deliveries ADD COLUMN replay_id uuid NOT NULL DEFAULT {NOBODYS}")
    op.execute("ALTER TABLE kernel.deliveries DROP CONSTRAINT deliveries_pkey")
    op.execute(
        "ALTER TABLE kernel.deliveries ADD PRIMARY KEY (organization_id, event_id, subscription, replay_id)"
    )
    # An organization is erased by the keys of its rows.
    op.execute("GRANT SELECT (replay_id) ON kernel.deliveries TO app_admin")


def _replays() -> None:
    op.execute(
        f"""
        CREATE TABLE kernel.replays (
            id uuid PRIMARY KEY,
            type text NOT NULL CHECK (length(type) BETWEEN 1 AND 100),
            from_at timestamptz NOT NULL,
            to_at timestamptz NOT NULL,
            subscriptions jsonb NOT NULL CHECK (jsonb_typeof(subscriptions) = 'array'),
            only_organization uuid,
            reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
            at_organization uuid,
            at_position bigint NOT NULL DEFAULT 0,
            events bigint NOT NULL DEFAULT 0,
            deliveries bigint NOT NULL DEFAULT 0,
            finished_at timestamptz,
            {STAMP_COLUMNS},
            CHECK (from_at < to_at)
        )
        """
    )
    platform_table(op, "kernel.replays", grants=())
    op.execute("GRANT SELECT, INSERT, UPDATE ON kernel.replays TO app_admin")
    op.execute(
        "CREATE POLICY admin_access ON kernel.replays FOR ALL TO app_admin USING (true) WITH CHECK (true)"
    )
    # Which events there were and for whom, so that they can be delivered again; never what they say.
    op.execute(f"GRANT SELECT ({STORED}) ON kernel.outbox TO app_admin")
    op.execute(
        "CREATE POLICY admin_access ON kernel.outbox FOR ALL TO app_admin USING (true) WITH CHECK (true)"
    )


def _scheduled_runs() -> None:
    op.execute(
        f"""
        CREATE TABLE kernel.scheduled_runs (
            schedule text NOT NULL CHECK (length(schedule) BETWEEN 1 AND 100),
            due_at timestamptz NOT NULL,
            attempts integer NOT NULL DEFAULT 1,
            started_at timestamptz NOT NULL,
            claimed_until timestamptz NOT NULL,
            worker text NOT NULL,
            outcome text CHECK (outcome IN ('done', 'failed')),
            error_code text,
            finished_at timestamptz,
            {STAMP_COLUMNS},
            PRIMARY KEY (schedule, due_at)
        )
        """
    )
    platform_table(op, "kernel.scheduled_runs", grants=())
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON kernel.scheduled_runs TO app_admin")
    op.execute(
        "CREATE POLICY admin_access ON kernel.scheduled_runs FOR ALL TO app_admin USING (true) WITH CHECK (true)"
    )


def _picking() -> None:
    # One row for each organization with waiting jobs of a queue, from `since` on, at most `most` of them, each with
    # its oldest due job, if one may run: not while it is suspended or deleted, not beyond `cap` at once (errands and what is
    # critical don't count). Before them, as number 0, jobs whose worker is gone.
    op_row = "j.id, j.kind, j.account_id, j.user_id, j.request_id, j.run_at"
    due = (
        "j.organization_id = s.organization_id AND j.queue = $1 AND j.state = 'queued' AND j.run_at <= now()"
        " AND j.kind = ANY (CASE WHEN o.state IN ('suspended', 'deleted') THEN $3 ELSE $2 END)"
    )
    resolver_function(
        op,
        "due_jobs(queue text, kinds text[], unhalting text[], cap integer, since uuid, most integer)",
        "TABLE (number integer, organization_id uuid, id uuid, kind text, account_id uuid, user_id uuid,"
        " request_id text, running bigint)",
        f"""
        WITH RECURSIVE scanned AS (
            (SELECT j.organization_id, 1 AS number FROM kernel.jobs j
             WHERE j.state = 'queued' AND j.queue = $1 AND j.organization_id >= $5
             ORDER BY j.organization_id LIMIT 1)
            UNION ALL
            SELECT beyond.organization_id, s.number + 1 FROM scanned s CROSS JOIN LATERAL (
                SELECT j.organization_id FROM kernel.jobs j
                WHERE j.state = 'queued' AND j.queue = $1 AND j.organization_id > s.organization_id
                ORDER BY j.organization_id LIMIT 1) beyond
            WHERE s.number < $6
        )
        (SELECT 0, j.organization_id, j.id, j.kind, j.account_id, j.user_id, j.request_id, 0::bigint
         FROM kernel.jobs j LEFT JOIN kernel.organizations o ON o.id = j.organization_id
         WHERE j.state = 'running' AND j.claimed_until < now() AND j.queue = $1
            AND j.kind = ANY (CASE WHEN o.state IN ('suspended', 'deleted') THEN $3 ELSE $2 END)
         ORDER BY j.claimed_until LIMIT $6)
        UNION ALL
        SELECT s.number, s.organization_id, due.id, due.kind, due.account_id, due.user_id, due.request_id,
            running.altogether
        FROM scanned s
        LEFT JOIN kernel.organizations o ON o.id = s.organization_id
        CROSS JOIN LATERAL (
            SELECT count(*) AS altogether,
                count(*) FILTER (WHERE NOT r.internal AND r.queue <> 'critical') AS asked
            FROM kernel.jobs r
            WHERE r.organization_id = s.organization_id AND r.state = 'running' AND r.claimed_until >= now()
        ) running
        LEFT JOIN LATERAL (
            SELECT * FROM (
                (SELECT {op_row} FROM kernel.jobs j WHERE {due} AND j.internal
                 ORDER BY j.run_at, j.id LIMIT 1)
                UNION ALL
                (SELECT {op_row} FROM kernel.jobs j WHERE {due} AND NOT j.internal
                    AND ($1 = 'critical' OR s.organization_id = {NOBODYS} OR running.asked < $4)
                 ORDER BY j.run_at, j.id LIMIT 1)
            ) either ORDER BY either.run_at, either.id LIMIT 1
        ) due ON true
        """,
    )
    resolver_function(
        op,
        "jobs_at_once(organization uuid)",
        "bigint",
        """
        SELECT count(*) FROM kernel.jobs r
        WHERE r.organization_id = $1 AND r.state = 'running' AND r.claimed_until >= now()
            AND NOT r.internal AND r.queue <> 'critical'
        """,
    )


def _counting() -> None:
    resolver_function(
        op,
        "job_depths()",
        "TABLE (queue text, state text, jobs bigint, oldest timestamptz)",
        """
        SELECT d.queue, d.state, count(*), min(d.since) FROM (
            SELECT j.queue, CASE WHEN j.run_at <= now() THEN 'waiting' ELSE 'later' END AS state, j.run_at AS since
            FROM kernel.jobs j WHERE j.state = 'queued'
            UNION ALL
            SELECT j.queue, CASE WHEN j.claimed_until >= now() THEN 'running' ELSE 'orphaned' END, j.started_at
            FROM kernel.jobs j WHERE j.state = 'running'
            UNION ALL
            SELECT j.queue, 'dead', j.finished_at
            FROM kernel.jobs j WHERE j.state = 'failed' AND j.discarded_at IS NULL
        ) d GROUP BY d.queue, d.state
        """,
    )


def _dead_letters() -> None:
    dead = (
        f"{ACTIVE} AND j.state = 'failed' AND j.discarded_at IS NULL AND ($1 IS NULL OR j.id = ANY ($1))"
        " AND ($2 IS NULL OR j.kind = $2) AND ($3 IS NULL OR j.subject = $3) AND ($4 IS NULL OR j.error_code = $4)"
    )
    resolver_function(
        op,
        "dead_letters(ids uuid[], kind text, subject text, code text, after uuid, most integer)",
        "TABLE (organization_id uuid, id uuid, kind text, subject text, queue text, error_code text,"
        " attempts integer, created_at timestamptz, finished_at timestamptz, account_id uuid, user_id uuid)",
        f"""
        SELECT j.organization_id, j.id, j.kind, j.subject, j.queue, j.error_code, j.attempts, j.created_at,
            j.finished_at, j.account_id, j.user_id
        FROM kernel.jobs j WHERE {dead} AND ($5 IS NULL OR j.id < $5) ORDER BY j.id DESC LIMIT $6
        """,
    )
    resolver_function(
        op,
        "dead_letter_kinds()",
        "TABLE (kind text, subject text, error_code text, count bigint, organizations bigint, oldest timestamptz,"
        " newest timestamptz)",
        f"""
        SELECT j.kind, j.subject, j.error_code, count(*), count(DISTINCT j.organization_id), min(j.finished_at),
            max(j.finished_at)
        FROM kernel.jobs j WHERE {ACTIVE} AND j.state = 'failed' AND j.discarded_at IS NULL
        GROUP BY j.kind, j.subject, j.error_code ORDER BY 4 DESC, 1, 2, 3 LIMIT 200
        """,
    )


def _showing() -> None:
    resolver_function(
        op,
        "jobs_under_way()",
        "TABLE (organization_id uuid, id uuid, kind text, subject text, queue text, attempts integer, worker text,"
        " started_at timestamptz, claimed_until timestamptz)",
        f"""
        SELECT j.organization_id, j.id, j.kind, j.subject, j.queue, j.attempts, j.worker, j.started_at, j.claimed_until
        FROM kernel.jobs j WHERE {ACTIVE} AND j.state = 'running' ORDER BY j.started_at LIMIT 200
        """,
    )
    # What members ask of the platform, without what it was about: arguments and results can hold health data.
    resolver_function(
        op,
        "organization_jobs(state text, before uuid, most integer)",
        "TABLE (id uuid, account_id uuid, person text, kind text, state text, done integer, total integer,"
        " error_code text, created_at timestamptz, started_at timestamptz, finished_at timestamptz)",
        """
        SELECT j.id, j.account_id, u.name, j.kind, j.state, j.done, j.total, j.error_code, j.created_at,
            j.started_at, j.finished_at
        FROM kernel.jobs j
        LEFT JOIN kernel.accounts a ON (a.organization_id, a.id) = (j.organization_id, j.account_id)
        LEFT JOIN kernel.users u ON u.id = a.user_id
        WHERE j.organization_id = (SELECT app.org()) AND NOT j.internal
            AND ($1 IS NULL OR j.state = $1) AND ($2 IS NULL OR j.id < $2)
        ORDER BY j.id DESC LIMIT $3
        """,
    )
    resolver_access(
        op,
        "kernel.scheduled_runs",
        (
            "schedule",
            "due_at",
            "attempts",
            "started_at",
            "claimed_until",
            "outcome",
            "error_code",
            "finished_at",
        ),
    )
    resolver_function(
        op,
        "scheduled_runs()",
        "TABLE (schedule text, due_at timestamptz, attempts integer, started_at timestamptz,"
        " claimed_until timestamptz, outcome text, error_code text, finished_at timestamptz)",
        f"""
        SELECT DISTINCT ON (r.schedule) r.schedule, r.due_at, r.attempts, r.started_at, r.claimed_until, r.outcome,
            r.error_code, r.finished_at
        FROM kernel.scheduled_runs r WHERE {ACTIVE} ORDER BY r.schedule, r.started_at DESC
        """,
    )
