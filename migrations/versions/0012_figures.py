"""Figures over the platform, for operators and the scheduler, and the trace that a job belongs to."""

from alembic import op

from rowhouse.kernel.db.walls import audited, resolver_access, resolver_function

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ACTIVE = (
    "EXISTS (SELECT FROM kernel.operators me WHERE me.id = (SELECT app.operator()) AND me.state = 'active')"
)
# A function of another's rights still knows who has connected.
ASKED = f"({ACTIVE} OR session_user = 'app_admin')"
FORMER = f"""
    SELECT f.figure, f.of, f.count FROM (
        SELECT 'organizations' AS figure, o.state AS of, count(*) AS count
        FROM kernel.organizations o GROUP BY o.state
        UNION ALL
        SELECT 'users', u.state, count(*) FROM kernel.users u
        WHERE u.email_verified_at IS NOT NULL GROUP BY u.state
        UNION ALL
        SELECT 'accounts', a.role, count(*) FROM kernel.accounts a WHERE a.state = 'active' GROUP BY a.role
        UNION ALL
        SELECT 'active_users', 'day', count(DISTINCT s.user_id) FROM kernel.sessions s
        WHERE s.ended_at IS NULL AND s.expires_at > now()
    ) f WHERE {ACTIVE}
"""
# A session is renewed every quarter of an hour while it is used. Roles that organizations made are told as one:
# their names are their own.
PLATFORM = f"""
    SELECT f.figure, f.of, f.count, now() - f.window FROM (
        SELECT 'organizations' AS figure, o.state AS of, count(*) AS count, NULL::interval AS window
        FROM kernel.organizations o GROUP BY o.state
        UNION ALL
        SELECT 'users', u.state, count(*), NULL FROM kernel.users u
        WHERE u.email_verified_at IS NOT NULL GROUP BY u.state
        UNION ALL
        SELECT 'accounts', r.role, count(*), NULL FROM (
            SELECT CASE WHEN EXISTS (
                SELECT FROM kernel.roles o WHERE o.organization_id = a.organization_id AND o.name = a.role
            ) THEN 'own' ELSE a.role END AS role
            FROM kernel.accounts a WHERE a.state = 'active'
        ) r GROUP BY r.role
        UNION ALL
        SELECT w.figure, w.of, (
            SELECT count(DISTINCT CASE WHEN w.figure = 'active_users' THEN s.user_id ELSE s.organization_id END)
            FROM kernel.sessions s WHERE s.renewed_at > now() - w.window AND s.operator_id IS NULL
        ), w.window
        FROM (VALUES
            ('active_users', 'day', '1 day'::interval), ('active_users', 'week', '7 days'),
            ('active_users', 'month', '30 days'), ('active_organizations', 'day', '1 day'),
            ('active_organizations', 'month', '30 days')
        ) AS w (figure, of, "window")
        UNION ALL
        SELECT 'onboarding', p.state, count(p.account_id), NULL FROM (
            SELECT s.state, b.account_id FROM (VALUES ('begun'), ('completed')) AS s (state)
            LEFT JOIN kernel.onboarding b ON (b.completed_at IS NOT NULL) = (s.state = 'completed')
        ) p GROUP BY p.state
    ) f WHERE {ASKED}
"""
# A sample of about ten thousand workouts: what it costs does not grow with what there is.
FITNESS = """
    SELECT 'data_quality', 'workouts', coalesce(avg(w.quality_score), 0), NULL::timestamptz
    FROM fitness.workouts w TABLESAMPLE SYSTEM ((
        SELECT least(100, 1000000 / greatest(sum(greatest(c.reltuples, 0)), 1))
        FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'fitness.workouts'::regclass
    )::real)
    HAVING session_user = 'app_admin'
"""


def upgrade() -> None:
    _drop("platform_figures()")
    resolver_access(op, "kernel.onboarding", ("organization_id", "account_id", "completed_at"))
    resolver_access(op, "fitness.workouts", ("quality_score",))
    returned = "TABLE (figure text, of text, count {}, since timestamptz)"
    resolver_function(op, "platform_figures()", returned.format("bigint"), PLATFORM)
    resolver_function(op, "fitness_figures()", returned.format("double precision"), FITNESS)
    op.execute(
        "ALTER TABLE kernel.jobs ADD COLUMN trace text CHECK (trace ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$')"
    )
    audited(op, "kernel.jobs", ignored=("trace",))


def downgrade() -> None:
    op.execute("ALTER TABLE kernel.jobs DROP COLUMN trace")
    audited(op, "kernel.jobs")
    _drop("fitness_figures()")
    _drop("platform_figures()")
    for table, columns in {
        "kernel.onboarding": "organization_id, account_id, completed_at",
        "fitness.workouts": "quality_score",
    }.items():
        op.execute(f"DROP POLICY resolver_read ON {table}")
        op.execute(f"REVOKE SELECT ({columns}) ON {table} FROM rowhouse_resolver")
    resolver_function(op, "platform_figures()", "TABLE (figure text, of text, count bigint)", FORMER)


def _drop(function: str) -> None:
    op.execute("SET LOCAL ROLE rowhouse_resolver")
    op.execute(f"DROP FUNCTION resolve.{function}")
    op.execute("RESET ROLE")
