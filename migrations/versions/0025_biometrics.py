"""Biometrics: what devices say of an athlete's body, as they said it."""

from alembic import op

from rowhouse.kernel.db.walls import (
    ATHLETES_PERSON,
    athlete_wall,
    audited,
    hash_partitions,
    open_to_grantees,
    tenant_table,
)

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

READ = "fitness.biometrics.read"

BIOMETRICS = """
    CREATE TABLE fitness.biometrics (
        organization_id uuid NOT NULL,
        id uuid NOT NULL,
        athlete_id uuid NOT NULL,
        kind text NOT NULL CHECK (kind ~ '^[a-z0-9_]{1,40}$'),
        measured_at timestamptz NOT NULL,
        day date NOT NULL,
        timezone text CHECK (length(timezone) <= 64),
        value double precision NOT NULL,
        original_value double precision,
        original_unit text CHECK (length(original_unit) <= 40),
        provider text NOT NULL CHECK (length(provider) BETWEEN 1 AND 40),
        device text CHECK (length(device) <= 200),
        source_id uuid,
        external_id text NOT NULL CHECK (length(external_id) BETWEEN 1 AND 255),
        confidence double precision NOT NULL CHECK (confidence BETWEEN 0 AND 1),
        flags jsonb NOT NULL,
        night jsonb,
        withheld boolean NOT NULL,
        model_input boolean NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        created_by uuid DEFAULT app.account(),
        CONSTRAINT biometrics_pkey PRIMARY KEY (organization_id, id),
        CONSTRAINT biometrics_said_key
            UNIQUE (organization_id, athlete_id, provider, external_id, kind, measured_at),
        CONSTRAINT biometrics_athlete_fkey FOREIGN KEY (organization_id, athlete_id)
            REFERENCES fitness.athletes (organization_id, id) ON DELETE CASCADE,
        CONSTRAINT biometrics_source_fkey FOREIGN KEY (organization_id, athlete_id, source_id)
            REFERENCES fitness.sources (organization_id, athlete_id, id) ON DELETE CASCADE
    ) PARTITION BY HASH (organization_id)
"""
# Serves a page of raw values as well as the values of some days.
DAYS = (
    "CREATE INDEX biometrics_day_idx ON fitness.biometrics"
    " (organization_id, athlete_id, kind, day DESC, measured_at DESC, id DESC)"
)
TABLE = "fitness.biometrics"


def upgrade() -> None:
    op.execute(BIOMETRICS)
    op.execute(DAYS)
    hash_partitions(op, TABLE)
    # No update: what was said was said.
    tenant_table(op, TABLE, grants=("select", "insert", "delete"))
    athlete_wall(op, TABLE)
    open_to_grantees(op, TABLE, READ)
    audited(op, TABLE, personal=("*",), person=ATHLETES_PERSON)


def downgrade() -> None:
    op.execute(f"DROP TABLE {TABLE}")
