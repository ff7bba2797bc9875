"""Operators see all members of an organization, page by page, and find one of them."""

from alembic import op

from rowhouse.kernel.db.walls import resolver_function

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

RETURNS = "TABLE (id uuid, user_id uuid, name text, email text, role text, state text)"
MEMBERS = """
    SELECT a.id, a.user_id, u.name, u.email, a.role, a.state
    FROM kernel.accounts a JOIN kernel.users u ON u.id = a.user_id
    WHERE EXISTS (SELECT FROM kernel.operators me WHERE me.id = (SELECT app.operator()) AND me.state = 'active')
        AND a.organization_id = $1 {narrowed}
"""
PAGE = MEMBERS.format(
    narrowed="AND ($2 IS NULL OR a.id = $2) AND ($3 IS NULL OR a.id > $3) ORDER BY a.id LIMIT $4"
)
FORMER = MEMBERS.format(narrowed="ORDER BY a.id LIMIT 1000")


def upgrade() -> None:
    _drop("organization_accounts(uuid)")
    resolver_function(
        op, "organization_accounts(organization uuid, account uuid, after uuid, most integer)", RETURNS, PAGE
    )


def downgrade() -> None:
    _drop("organization_accounts(uuid, uuid, uuid, integer)")
    resolver_function(op, "organization_accounts(organization uuid)", RETURNS, FORMER)


def _drop(function: str) -> None:
    op.execute("SET LOCAL ROLE rowhouse_resolver")
    op.execute(f"DROP FUNCTION resolve.{function}")
    op.execute("RESET ROLE")
