"""A look through somebody's eyes belongs to the operator's session that began it, and ends with it."""

from alembic import op

from rowhouse.kernel.db.walls import audited, resolver_function

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Looks that are under way know no such session, and so are over: they would be within the hour.
    op.execute("ALTER TABLE kernel.sessions ADD COLUMN operator_session_id uuid")
    audited(op, "kernel.sessions")
    op.execute("GRANT SELECT (operator_session_id) ON kernel.sessions TO rowhouse_resolver")
    _drop("is_operator(uuid)")
    resolver_function(
        op,
        "look_lasts(session_id uuid)",
        "boolean",
        """
        SELECT EXISTS (
            SELECT FROM kernel.sessions s
            JOIN kernel.operator_sessions b ON (b.operator_id, b.id) = (s.operator_id, s.operator_session_id)
            JOIN kernel.operators o ON o.id = b.operator_id
            WHERE s.id = $1 AND b.ended_at IS NULL AND b.expires_at > now() AND o.state = 'active')
        """,
    )


def downgrade() -> None:
    _drop("look_lasts(uuid)")
    resolver_function(
        op,
        "is_operator(operator_id uuid)",
        "boolean",
        "SELECT EXISTS (SELECT FROM kernel.operators o WHERE o.id = $1 AND o.state = 'active')",
    )
    op.execute("ALTER TABLE kernel.sessions DROP COLUMN operator_session_id")
    audited(op, "kernel.sessions")


def _drop(function: str) -> None:
    op.execute("SET LOCAL ROLE rowhouse_resolver")
    op.execute(f"DROP FUNCTION resolve.{function}")
    op.execute("RESET ROLE")
