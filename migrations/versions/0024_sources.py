"""Sources: providers that athletes have connected, and what each has brought."""

from alembic import op

from rowhouse.kernel.db.walls import STAMP_COLUMNS, athlete_wall, audited, stamped, tenant_table

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

PERSON = (
    "coalesce((SELECT a.user_id FROM kernel.accounts a WHERE a.organization_id = {row}.organization_id"
    " AND a.id = {row}.athlete_id), {row}.athlete_id)"
)
SOURCES = f"""
    CREATE TABLE fitness.sources (
        organization_id uuid NOT NULL,
        id uuid NOT NULL,
        athlete_id uuid NOT NULL,
        provider text NOT NULL CHECK (length(provider) BETWEEN 1 AND 40),
        connection_id uuid,
        state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'failing', 'paused', 'ended')),
        cursor jsonb,
        job_id uuid,
        last_sync_at timestamptz,
        next_sync_at timestamptz NOT NULL,
        tries integer NOT NULL DEFAULT 0 CHECK (tries >= 0),
        quota jsonb,
        error_code text CHECK (length(error_code) <= 100),
        error text CHECK (length(error) <= 500),
        {STAMP_COLUMNS},
        CONSTRAINT sources_pkey PRIMARY KEY (organization_id, id),
        CONSTRAINT sources_athlete_key UNIQUE (organization_id, athlete_id, id),
        CONSTRAINT sources_provider_key UNIQUE (organization_id, athlete_id, provider),
        CONSTRAINT sources_athlete_fkey FOREIGN KEY (organization_id, athlete_id)
            REFERENCES fitness.athletes (organization_id, id) ON DELETE CASCADE,
        CONSTRAINT sources_connection_fkey FOREIGN KEY (organization_id, connection_id)
            REFERENCES kernel.connections (organization_id, id) ON DELETE SET NULL (connection_id)
    )
"""
ITEMS = f"""
    CREATE TABLE fitness.source_items (
        organization_id uuid NOT NULL,
        source_id uuid NOT NULL,
        external_id text NOT NULL CHECK (length(external_id) BETWEEN 1 AND 255),
        athlete_id uuid NOT NULL,
        version text NOT NULL CHECK (length(version) BETWEEN 1 AND 100),
        file_id uuid,
        fetched_at timestamptz NOT NULL,
        {STAMP_COLUMNS},
        CONSTRAINT source_items_pkey PRIMARY KEY (organization_id, source_id, external_id),
        CONSTRAINT source_items_source_fkey FOREIGN KEY (organization_id, athlete_id, source_id)
            REFERENCES fitness.sources (organization_id, athlete_id, id) ON DELETE CASCADE,
        CONSTRAINT source_items_file_fkey FOREIGN KEY (organization_id, athlete_id, file_id)
            REFERENCES fitness.files (organization_id, athlete_id, id) ON DELETE SET NULL (file_id)
    )
"""
INDEXES = (
    "CREATE INDEX sources_due_idx ON fitness.sources (next_sync_at) WHERE state <> 'ended'",
    "CREATE INDEX sources_connection_idx ON fitness.sources (organization_id, connection_id)",
    "CREATE INDEX source_items_file_idx ON fitness.source_items (organization_id, file_id)",
)
# How far a sync is moves with every page; what the athlete does with a source is recorded.
MOVING = ("cursor", "job_id", "last_sync_at", "next_sync_at", "tries", "quota")


def upgrade() -> None:
    for statement in (SOURCES, ITEMS, *INDEXES):
        op.execute(statement)
    for table in ("fitness.sources", "fitness.source_items"):
        tenant_table(op, table)
        athlete_wall(op, table)
        stamped(op, table)
        ignored = MOVING if table == "fitness.sources" else ()
        audited(op, table, personal=("*",), person=PERSON, ignored=ignored)
    # The scheduler sees whose sources are due.
    op.execute(
        "GRANT SELECT (organization_id, id, athlete_id, state, next_sync_at) ON fitness.sources TO app_admin"
    )
    op.execute(
        "CREATE POLICY admin_access ON fitness.sources FOR ALL TO app_admin USING (true) WITH CHECK (true)"
    )


def downgrade() -> None:
    op.execute("DROP TABLE fitness.source_items")
    op.execute("DROP TABLE fitness.sources")
