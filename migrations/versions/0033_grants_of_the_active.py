"""A grant opens nothing while either side is suspended, and none is left of who was removed."""

from alembic import op

revision = "0033"
down_revision = "0031"
branch_labels = None
depends_on = None

BETWEEN_ACTIVE = """
    SELECT coalesce(array_agg(g.resource_id), '{}') FROM kernel.grants g
    JOIN kernel.accounts giver ON (giver.organization_id, giver.id) = (g.organization_id, g.granted_by)
    JOIN kernel.accounts taker ON (taker.organization_id, taker.id) = (g.organization_id, g.account_id)
    WHERE g.organization_id = (SELECT app.org()) AND g.account_id = (SELECT app.account())
        AND g.resource_kind = 'fitness.athlete' AND g.granted_by = g.resource_id AND g.permissions ? $1
        AND (g.expires_at IS NULL OR g.expires_at > now()) AND giver.state = 'active' AND taker.state = 'active'
"""
FORMER = """
    SELECT coalesce(array_agg(g.resource_id), '{}') FROM kernel.grants g
    WHERE g.organization_id = (SELECT app.org()) AND g.account_id = (SELECT app.account())
        AND g.resource_kind = 'fitness.athlete' AND g.granted_by = g.resource_id AND g.permissions ? $1
        AND (g.expires_at IS NULL OR g.expires_at > now())
"""
OF_REMOVED = """
    DELETE FROM kernel.grants g USING kernel.accounts a
    WHERE a.organization_id = g.organization_id AND a.id IN (g.account_id, g.granted_by) AND a.state = 'removed'
"""


def upgrade() -> None:
    _replace(BETWEEN_ACTIVE)
    # As the owner, whom a forced wall would show nothing.
    _walls("NO FORCE")
    op.execute(OF_REMOVED)
    _walls("FORCE")


def downgrade() -> None:
    _replace(FORMER)


def _walls(forced: str) -> None:
    for table in ("grants", "accounts"):
        op.execute(f"ALTER TABLE kernel.{table} {forced} ROW LEVEL SECURITY")


def _replace(body: str) -> None:
    op.execute(
        "CREATE OR REPLACE FUNCTION fitness.granted_athletes(permission text) RETURNS uuid[] LANGUAGE sql STABLE"
        f" PARALLEL SAFE AS $${body}$$"
    )
