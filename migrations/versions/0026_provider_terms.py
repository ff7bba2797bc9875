"""What providers' terms keep from others, what webhooks have pointed at, and calls that cost."""

from alembic import op

from rowhouse.kernel.db.walls import (
    ATHLETES_PERSON,
    OWN_HEALTH,
    STAMP_COLUMNS,
    athlete_wall,
    audited,
    stamped,
    tenant_table,
)

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

READ = "fitness.workouts.read"
WITHHELD = ("files", "records", "streams", "workouts", "efforts")
GRANTED = f"athlete_id = ANY ((SELECT fitness.granted_athletes('{READ}'))::uuid[])"

HINTS = f"""
    CREATE TABLE fitness.source_hints (
        organization_id uuid NOT NULL,
        source_id uuid NOT NULL,
        external_id text NOT NULL CHECK (length(external_id) BETWEEN 1 AND 255),
        athlete_id uuid NOT NULL,
        id uuid NOT NULL,
        more jsonb NOT NULL,
        {STAMP_COLUMNS},
        CONSTRAINT source_hints_pkey PRIMARY KEY (organization_id, source_id, external_id),
        CONSTRAINT source_hints_source_fkey FOREIGN KEY (organization_id, athlete_id, source_id)
            REFERENCES fitness.sources (organization_id, athlete_id, id) ON DELETE CASCADE
    )
"""
MOVING = ("cursor", "job_id", "last_sync_at", "next_sync_at", "tries", "quota")
COSTS = ("calls", "calls_month")
WORKOUTS = ("flags", "sources", "parts", "detail")

# The sums of a day come from this index alone, and the wall asks it whether they are withheld.
DAYS = (
    "CREATE INDEX efforts_day_idx ON fitness.efforts (organization_id, athlete_id, day)"
    " INCLUDE ({columns}) WHERE known_until IS NULL"
)
SUMS = "tss, trimp, trimp_edwards"

# What is known of rows from before: a workout that is of a withheld record, too, stays so until it is made anew.
MARKING = (
    """
    UPDATE fitness.files f SET brought_by = s.provider, withheld = s.provider = 'strava'
    FROM fitness.source_items i JOIN fitness.sources s ON s.organization_id = i.organization_id AND s.id = i.source_id
    WHERE i.organization_id = f.organization_id AND i.file_id = f.id
    """,
    """
    UPDATE fitness.records r SET withheld = true FROM fitness.files f
    WHERE f.organization_id = r.organization_id AND f.id = r.file_id AND f.withheld
    """,
    """
    UPDATE fitness.streams t SET withheld = true FROM fitness.records r
    WHERE r.organization_id = t.organization_id AND r.id = t.record_id AND r.withheld
    """,
    """
    UPDATE fitness.workouts w SET withheld = true
    FROM fitness.memberships m JOIN fitness.records r ON r.organization_id = m.organization_id AND r.id = m.record_id
    WHERE m.organization_id = w.organization_id AND m.workout_id = w.id AND r.withheld
    """,
    """
    UPDATE fitness.efforts e SET withheld = true FROM fitness.workouts w
    WHERE w.organization_id = e.organization_id AND w.id = e.workout_id AND w.withheld
    """,
)
READ_FOR_MARKING = ("source_items", "sources", "memberships")


def upgrade() -> None:
    op.execute(HINTS)
    tenant_table(op, "fitness.source_hints")
    athlete_wall(op, "fitness.source_hints")
    stamped(op, "fitness.source_hints")
    audited(op, "fitness.source_hints", personal=("*",), person=ATHLETES_PERSON)
    op.execute(
        "ALTER TABLE fitness.sources ADD COLUMN calls integer NOT NULL DEFAULT 0 CHECK (calls >= 0),"
        " ADD COLUMN calls_month date"
    )
    op.execute(
        "ALTER TABLE fitness.files ADD COLUMN brought_by text CHECK (length(brought_by) BETWEEN 1 AND 40)"
    )
    op.execute("ALTER TABLE fitness.workouts ADD COLUMN for_others jsonb")
    for table in WITHHELD:
        op.execute(f"ALTER TABLE fitness.{table} ADD COLUMN withheld boolean NOT NULL DEFAULT false")
        op.execute(
            f"ALTER POLICY athlete_read ON fitness.{table} USING ({OWN_HEALTH} OR ({GRANTED} AND NOT withheld))"
        )
    op.execute("DROP INDEX fitness.efforts_day_idx")
    op.execute(DAYS.format(columns=f"{SUMS}, withheld"))
    _audited(COSTS, ("withheld",), ("for_others",))
    _mark()


def downgrade() -> None:
    op.execute("DROP INDEX fitness.efforts_day_idx")
    op.execute(DAYS.format(columns=SUMS))
    for table in WITHHELD:
        op.execute(f"ALTER POLICY athlete_read ON fitness.{table} USING ({OWN_HEALTH} OR {GRANTED})")
        op.execute(f"ALTER TABLE fitness.{table} DROP COLUMN withheld")
    op.execute("ALTER TABLE fitness.workouts DROP COLUMN for_others")
    op.execute("ALTER TABLE fitness.files DROP COLUMN brought_by")
    op.execute("ALTER TABLE fitness.sources DROP COLUMN calls_month, DROP COLUMN calls")
    op.execute("DROP TABLE fitness.source_hints")
    _audited((), (), ())


def _audited(sources: tuple[str, ...], efforts: tuple[str, ...], workouts: tuple[str, ...]) -> None:
    """Each table's columns as they are now; what is made again from the records leaves no entry of its own."""
    ignored = {
        "sources": (*MOVING, *sources),
        "efforts": ("trimp", "trimp_edwards", "tss", *efforts),
        "workouts": ("load", "version", *workouts),
    }
    masked = {"records": ("summary",), "workouts": (*WORKOUTS, *workouts)}
    for table in ("sources", *WITHHELD):
        audited(
            op,
            f"fitness.{table}",
            masked=masked.get(table, ()),
            personal=("*",),
            person=ATHLETES_PERSON,
            ignored=ignored.get(table, ()),
        )


def _mark() -> None:
    """As the owner, whom a forced wall would show nothing."""
    tables = (*WITHHELD, *READ_FOR_MARKING)
    for table in tables:
        op.execute(f"ALTER TABLE fitness.{table} NO FORCE ROW LEVEL SECURITY")
    for statement in MARKING:
        op.execute(statement)
    for table in tables:
        op.execute(f"ALTER TABLE fitness.{table} FORCE ROW LEVEL SECURITY")
