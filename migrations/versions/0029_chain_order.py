"""Transactions that write in several chains take their turns before any head, so that chains that have no head yet don't
make two of them wait for each other."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = depends_on = None

LOCKED = """
            PERFORM pg_advisory_xact_lock(turn) FROM (
                SELECT DISTINCT hashtextextended('audit.heads ' || one, 0) AS turn FROM unnest(touched) one ORDER BY turn
            ) turns;
"""
FORMER = """
            PERFORM FROM audit.heads h WHERE h.organization_id = ANY (touched) ORDER BY h.organization_id FOR UPDATE;
"""


def upgrade() -> None:
    _chain(LOCKED)


def downgrade() -> None:
    _chain(FORMER)


def _chain(in_order: str) -> None:
    op.execute("SET LOCAL ROLE rowhouse_auditor")
    op.execute(
        f"""
    CREATE OR REPLACE FUNCTION recorder.chain() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog, pg_temp AS $body$
    DECLARE
        touched uuid[] := string_to_array(current_setting('rowhouse.audited', true), ' ')::uuid[];
        head record;
    BEGIN
        IF cardinality(touched) > 1 THEN{in_order}        END IF;
        INSERT INTO audit.heads AS h VALUES (NEW.organization_id, 1,
            sha256(uuid_send(NEW.organization_id) || int8send(1) || NEW.digest), NEW.entries, clock_timestamp())
        ON CONFLICT (organization_id) DO UPDATE SET seq = h.seq + 1, entries = h.entries + NEW.entries,
            hash = sha256(h.hash || int8send(h.seq + 1) || NEW.digest), at = clock_timestamp()
        RETURNING h.seq, h.hash, h.at INTO head;
        INSERT INTO audit.links VALUES (NEW.organization_id, head.seq, head.at, NEW.at, NEW.id, head.hash);
        RETURN NULL;
    END $body$
        """
    )
    op.execute("RESET ROLE")
