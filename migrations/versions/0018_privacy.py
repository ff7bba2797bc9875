"""Erasing people, retention, consents; an audit log that can begin later than with its first entry."""

from alembic import op

from rowhouse.kernel.db.walls import (
    STAMP_COLUMNS,
    admin_access,
    audited,
    person_table,
    platform_table,
    resolver_access,
    resolver_function,
    retained,
    stamped,
    tenant_table,
)

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TABLES = ("consents", "retention", "retention_runs", "person_erasures", "person_deletions")
RESOLVERS = ("deletion(bytea)", "receipt(uuid, uuid)", "certificate(uuid)")
CONTEXT = ("erasing_address()", "erasing_account()", "erasing_person()")
AUDIT = ("batches", "entries", "links", "personal")

RETAINED = {
    "kernel.jobs": "finished_at < (now() - '7 days'::interval)",
    "kernel.outbox": "created_at < (now() - '30 days'::interval)",
    "kernel.sessions": "ended_at < (now() - '7 days'::interval) OR expires_at < (now() - '7 days'::interval)",
    "kernel.email_codes": "expires_at < (now() - '1 day'::interval)",
    "kernel.proofs": "expires_at < (now() - '1 day'::interval)",
    "kernel.invitations": "expires_at < (now() - '30 days'::interval)",
    "kernel.devices": "seen_at < (now() - '90 days'::interval)",
    "kernel.security_events": "created_at < (now() - '90 days'::interval)",
    "audit.personal": "at < (now() - '30 days'::interval)",
}
"""What app_admin may delete of living organizations and people: nothing younger, whatever a rule says."""


def upgrade() -> None:
    _person_deletions()
    _person_erasures()
    # Who came back with a backup is erased again: one more proof.
    op.execute(
        "ALTER TABLE kernel.erasures DROP CONSTRAINT erasures_pkey, ADD PRIMARY KEY (organization_id, erased_at)"
    )
    _erasing()
    _retention()
    _consents()
    _beginnings()
    for table in TABLES:
        stamped(op, f"kernel.{table}")
    audited(op, "kernel.person_deletions", masked=("cancel_hash",), ignored=("erased", "started_at"))
    audited(op, "kernel.consents", personal=("client_address", "user_agent"), person="user_id")
    # What somebody calls a key of theirs, and what was unusual about them, goes with them.
    person = "(SELECT a.user_id FROM kernel.accounts a WHERE a.organization_id = {row}.organization_id AND a.id = {row}.account_id)"
    audited(op, "kernel.api_keys", personal=("name",), person=person)
    audited(op, "kernel.security_events", personal=("*",), person="user_id")
    audited(op, "kernel.devices", personal=("*",), person="user_id")
    _resolvers()


def downgrade() -> None:
    op.execute("SET LOCAL ROLE rowhouse_resolver")
    for function in RESOLVERS:
        op.execute(f"DROP FUNCTION resolve.{function}")
    op.execute("RESET ROLE")
    op.execute("DROP FUNCTION audit.drop_months(timestamptz)")
    op.execute("DROP TABLE audit.beginnings")
    _former_erasing()
    op.execute("ALTER TABLE kernel.erasures DROP CONSTRAINT erasures_pkey, ADD PRIMARY KEY (organization_id)")
    for table in TABLES:
        op.execute(f"DROP TABLE kernel.{table}")


def _person_deletions() -> None:
    # Who asked, when it is due, and how many rows have gone: it goes with the erasure itself. No organization is
    # named, or erasing that would forget the person.
    op.execute(
        f"""
        CREATE TABLE kernel.person_deletions (
            user_id uuid PRIMARY KEY REFERENCES kernel.users (id),
            id uuid NOT NULL,
            due_at timestamptz NOT NULL,
            cancel_hash bytea NOT NULL CHECK (octet_length(cancel_hash) = 32),
            asked_by uuid,
            started_at timestamptz,
            erased jsonb NOT NULL DEFAULT '{{}}',
            {STAMP_COLUMNS}
        )
        """
    )
    op.execute("CREATE INDEX person_deletions_due_idx ON kernel.person_deletions (due_at)")
    op.execute("CREATE INDEX person_deletions_cancel_idx ON kernel.person_deletions (cancel_hash)")
    person_table(op, "kernel.person_deletions", grants=("select", "insert", "delete"))
    admin_access(op, "kernel.person_deletions", grants=("select", "insert", "update", "delete"))


def _person_erasures() -> None:
    """Ids and counts alone: what proves an erasure, and repeats it after a backup was restored."""
    op.execute(
        f"""
        CREATE TABLE kernel.person_erasures (
            id uuid PRIMARY KEY,
            user_id uuid NOT NULL,
            asked_by uuid,
            asked_at timestamptz NOT NULL,
            erased_at timestamptz NOT NULL,
            certificate jsonb NOT NULL,
            {STAMP_COLUMNS}
        )
        """
    )
    platform_table(op, "kernel.person_erasures", grants=())
    admin_access(op, "kernel.person_erasures", grants=("select", "insert"))


def _erasing() -> None:
    """app_admin may delete what is a person's, in the contexts of that person and their accounts, from the moment
    on that the person's deletion has begun. What a table's rows are known by follows from its columns."""
    op.execute(
        """
        CREATE FUNCTION app.erasing_person() RETURNS uuid LANGUAGE sql STABLE AS $$
            SELECT d.user_id FROM kernel.person_deletions d
            WHERE d.user_id = (SELECT app.person()) AND d.due_at <= now() AND d.started_at IS NOT NULL
        $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION app.erasing_account() RETURNS uuid LANGUAGE sql STABLE AS $$
            SELECT a.id FROM kernel.accounts a
            WHERE a.organization_id = (SELECT app.org()) AND a.id = (SELECT app.account())
                AND a.user_id = (SELECT app.erasing_person())
        $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION app.erasing_address() RETURNS text LANGUAGE sql STABLE AS $$
            SELECT u.email_key FROM kernel.users u WHERE u.id = (SELECT app.erasing_person())
        $$
        """
    )
    for function in CONTEXT:
        op.execute(f"GRANT EXECUTE ON FUNCTION app.{function} TO app_admin")
    op.execute(ERASABLE_WHERE)
    op.execute(WALL_ERASING)
    op.execute(MAKE_ERASABLE)
    op.execute(
        """
        DO $$
        DECLARE erased regclass;
        BEGIN
            FOR erased IN
                SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname IN ('kernel', 'fitness')
                    AND c.relname NOT IN ('erasures', 'person_erasures', 'users')
            LOOP
                PERFORM app.wall_erasing(erased, NULL, '{}');
            END LOOP;
        END $$
        """
    )
    # The log of what is erased goes with it, all but the last entry; a person's values in it and their key with them.
    for table in AUDIT:
        op.execute(f"SELECT app.wall_erasing('audit.{table}', NULL, '{{}}')")
    op.execute("SELECT app.wall_erasing('audit.person_keys', NULL, '{}')")
    # A person's row stays as an id without a person: what others have done names it, and so does the audit log.
    erased = "id = (SELECT app.erasing_person())"
    op.execute("GRANT SELECT (id, email_key, state) ON kernel.users TO app_admin")
    op.execute(
        "GRANT UPDATE (email, email_key, name, password_hash, state, email_verified_at, welcomed_at)"
        " ON kernel.users TO app_admin"
    )
    op.execute(f"CREATE POLICY erasure_select ON kernel.users FOR SELECT TO app_admin USING ({erased})")
    op.execute(
        f"CREATE POLICY erasure_update ON kernel.users FOR UPDATE TO app_admin USING ({erased}) WITH CHECK ({erased})"
    )
    owned = "user_id = (SELECT app.erasing_person())"
    op.execute("GRANT UPDATE (state) ON kernel.accounts TO app_admin")
    op.execute(
        f"CREATE POLICY erasure_update ON kernel.accounts FOR UPDATE TO app_admin USING ({owned}) WITH CHECK ({owned})"
    )


def _retention() -> None:
    for table, condition in RETAINED.items():
        retained(op, table, condition)
    op.execute(
        f"""
        CREATE TABLE kernel.retention_runs (
            id uuid PRIMARY KEY,
            dry boolean NOT NULL,
            started_at timestamptz NOT NULL,
            ended_at timestamptz,
            counts jsonb NOT NULL DEFAULT '{{}}',
            {STAMP_COLUMNS}
        )
        """
    )
    op.execute(
        f"""
        CREATE TABLE kernel.retention (
            organization_id uuid NOT NULL REFERENCES kernel.organizations (id),
            rule text NOT NULL CHECK (length(rule) BETWEEN 1 AND 100),
            days integer NOT NULL,
            due bigint NOT NULL,
            soon bigint NOT NULL,
            gone bigint,
            counted_at timestamptz NOT NULL,
            ended_at timestamptz,
            {STAMP_COLUMNS},
            PRIMARY KEY (organization_id, rule)
        )
        """
    )
    tenant_table(op, "kernel.retention", grants=("select", "insert", "update"))
    platform_table(op, "kernel.retention_runs", grants=())
    admin_access(op, "kernel.retention_runs", grants=("select", "insert", "update", "delete"))


def _consents() -> None:
    op.execute(
        f"""
        CREATE TABLE kernel.consents (
            user_id uuid NOT NULL REFERENCES kernel.users (id),
            id uuid NOT NULL,
            purpose text NOT NULL CHECK (purpose ~ '^[a-z]+[.][a-z_.]+$'),
            version text NOT NULL CHECK (length(version) BETWEEN 1 AND 40),
            given boolean NOT NULL,
            client_address text NOT NULL,
            user_agent text NOT NULL CHECK (length(user_agent) <= 300),
            {STAMP_COLUMNS},
            PRIMARY KEY (user_id, id)
        )
        """
    )
    person_table(op, "kernel.consents", grants=("select", "insert"))


def _beginnings() -> None:
    """Where a chain begins whose older part is gone: the last link of that part, which storage keeps signed too."""
    op.execute(
        """
        CREATE TABLE audit.beginnings (
            organization_id uuid PRIMARY KEY,
            seq bigint NOT NULL CHECK (seq > 0),
            hash bytea NOT NULL,
            entries bigint NOT NULL,
            at timestamptz NOT NULL DEFAULT now()
        )
        """
    )
    tenant_table(op, "audit.beginnings", grants=("select",), erased=False)
    admin_access(op, "audit.beginnings", grants=("select", "insert", "update"))
    op.execute("GRANT SELECT (hash, at, batch_at, batch_id) ON audit.links TO app_admin")
    op.execute("GRANT SELECT (entries) ON audit.heads TO app_admin")
    op.execute(DROP_MONTHS)
    op.execute("GRANT EXECUTE ON FUNCTION audit.drop_months(timestamptz) TO app_admin")


def _resolvers() -> None:
    resolver_access(
        op,
        "kernel.person_deletions",
        ("user_id", "id", "cancel_hash", "asked_by", "started_at", "created_at"),
    )
    resolver_access(op, "kernel.person_erasures", ("id", "asked_by", "asked_at", "erased_at", "certificate"))
    resolver_function(
        op,
        "deletion(cancel_hash bytea)",
        "TABLE (user_id uuid, id uuid)",
        "SELECT d.user_id, d.id FROM kernel.person_deletions d WHERE d.cancel_hash = $1 AND d.started_at IS NULL",
    )
    resolver_function(
        op,
        "certificate(id uuid)",
        "TABLE (certificate jsonb)",
        "SELECT e.certificate FROM kernel.person_erasures e WHERE e.id = $1",
    )
    resolver_function(
        op,
        "receipt(job_id uuid, session_id uuid)",
        "TABLE (asked_at timestamptz, erased_at timestamptz, certificate jsonb)",
        """
        SELECT e.asked_at, e.erased_at, e.certificate FROM kernel.person_erasures e
        WHERE e.id = $1 AND e.asked_by = $2
        UNION ALL
        SELECT d.created_at, NULL, NULL FROM kernel.person_deletions d
        WHERE d.id = $1 AND d.asked_by = $2 AND d.started_at IS NOT NULL
        """,
    )


def _former_erasing() -> None:
    op.execute("DROP POLICY erasure_update ON kernel.accounts")
    op.execute("DROP POLICY erasure_update ON kernel.users")
    op.execute("DROP POLICY erasure_select ON kernel.users")
    op.execute("REVOKE ALL ON kernel.users FROM app_admin")
    op.execute("REVOKE UPDATE (state), SELECT (user_id) ON kernel.accounts FROM app_admin")
    op.execute("REVOKE SELECT (hash, at, batch_at, batch_id) ON audit.links FROM app_admin")
    op.execute("REVOKE SELECT (entries) ON audit.heads FROM app_admin")
    op.execute(
        """
        DO $$
        DECLARE erased regclass; owner_column text;
        BEGIN
            FOR erased IN SELECT p.polrelid::regclass FROM pg_policy p WHERE p.polname = 'erasure_fence' LOOP
                EXECUTE format('DROP POLICY erasure_fence ON %s', erased);
                EXECUTE format('DROP POLICY erasure_delete ON %s', erased);
                EXECUTE format('DROP POLICY erasure_select ON %s', erased);
                EXECUTE format('REVOKE DELETE ON %s FROM app_admin', erased);
            END LOOP;
        END $$
        """
    )
    op.execute("DROP FUNCTION app.make_erasable(regclass, text)")
    op.execute("DROP FUNCTION app.wall_erasing(regclass, text, text[])")
    op.execute("DROP FUNCTION app.erasable_where(regclass)")
    op.execute(FORMER_MAKE_ERASABLE)
    op.execute(
        """
        DO $$
        DECLARE erased regclass;
        BEGIN
            PERFORM app.make_erasable('kernel.organizations', 'id');
            FOR erased IN
                SELECT c.oid::regclass FROM pg_class c
                JOIN pg_namespace n ON n.oid = c.relnamespace
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id' AND NOT a.attisdropped
                WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname IN ('kernel', 'fitness')
                    AND c.relname <> 'erasures'
            LOOP
                PERFORM app.make_erasable(erased, 'organization_id');
            END LOOP;
        END $$
        """
    )
    for function in CONTEXT:
        op.execute(f"DROP FUNCTION app.{function}")


ERASABLE_WHERE = """
    CREATE FUNCTION app.erasable_where(erased regclass) RETURNS text LANGUAGE plpgsql STABLE AS $$
    DECLARE
        has text[] := array(SELECT attname::text FROM pg_attribute
            WHERE attrelid = erased AND attnum > 0 AND NOT attisdropped);
        parts text[] := '{}';
        named text;
    BEGIN
        IF erased = 'kernel.organizations'::regclass THEN
            RETURN '(id = (SELECT app.erasing()))';
        END IF;
        IF 'organization_id' = ANY (has) THEN
            parts := parts || '(organization_id = (SELECT app.erasing()))'::text;
        END IF;
        FOREACH named IN ARRAY ARRAY['athlete_id', 'account_id', 'granted_by', 'accepted_by'] LOOP
            IF named = ANY (has) THEN
                parts := parts || format(
                    '((organization_id = (SELECT app.org())) AND (%I = (SELECT app.erasing_account())))', named);
            END IF;
        END LOOP;
        IF 'user_id' = ANY (has) THEN
            parts := parts || '(user_id = (SELECT app.erasing_person()))'::text;
        END IF;
        IF erased = 'kernel.invitations'::regclass THEN
            parts := parts || '(email_key = (SELECT app.erasing_address()))'::text;
        END IF;
        RETURN array_to_string(parts, ' OR ');
    END $$
"""
"""Whose rows may go: those of the organization that is erased, and those of the person who is."""

WALL_ERASING = """
    CREATE FUNCTION app.wall_erasing(erased regclass, retained text, ages text[]) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
        condition text := app.erasable_where(erased);
        keys text[] := array(SELECT a.attname::text FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY k (number, position)
            JOIN pg_attribute a ON a.attnum = k.number
            WHERE i.indrelid = erased AND i.indisprimary AND a.attrelid = i.indrelid ORDER BY k.position);
        seen text;
    BEGIN
        IF condition = '' THEN
            RETURN;
        END IF;
        IF retained IS NOT NULL THEN
            condition := condition || ' OR ' || CASE WHEN keys[1] = 'organization_id'
                THEN format('((organization_id = (SELECT app.org())) AND (%s))', retained) ELSE format('(%s)', retained) END;
        END IF;
        SELECT string_agg(DISTINCT quote_ident(a.attname), ', ') INTO seen FROM pg_attribute a
        WHERE a.attrelid = erased AND a.attnum > 0 AND NOT a.attisdropped AND (a.attname = ANY (keys || ages)
            OR a.attname IN ('organization_id', 'athlete_id', 'account_id', 'granted_by', 'accepted_by', 'user_id')
            OR erased = 'kernel.invitations'::regclass AND a.attname = 'email_key');
        EXECUTE format('DROP POLICY IF EXISTS erasure_select ON %s', erased);
        EXECUTE format('DROP POLICY IF EXISTS erasure_delete ON %s', erased);
        EXECUTE format('DROP POLICY IF EXISTS erasure_fence ON %s', erased);
        EXECUTE format('GRANT SELECT (%s), DELETE ON %s TO app_admin', seen, erased);
        EXECUTE format('CREATE POLICY erasure_select ON %s FOR SELECT TO app_admin USING (%s)', erased, condition);
        EXECUTE format('CREATE POLICY erasure_delete ON %s FOR DELETE TO app_admin USING (%s)', erased, condition);
        EXECUTE format(
            'CREATE POLICY erasure_fence ON %s AS RESTRICTIVE FOR DELETE TO app_admin USING (%s)', erased, condition);
    END $$
"""

MAKE_ERASABLE = """
    CREATE OR REPLACE FUNCTION app.make_erasable(erased regclass, owner_column text) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM app.wall_erasing(erased, NULL, '{}');
    END $$
"""
"""As `tenant_table` and `person_table` call it; the owner follows from the columns now."""

FORMER_MAKE_ERASABLE = """
    CREATE FUNCTION app.make_erasable(erased regclass, owner_column text) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
        condition text := format('%I = (SELECT app.erasing())', owner_column);
        key_columns text;
    BEGIN
        SELECT string_agg(DISTINCT quote_ident(a.attname), ', ') INTO key_columns
        FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
        WHERE a.attrelid = erased AND (a.attname = owner_column OR a.attnum = ANY (i.indkey));
        EXECUTE format('GRANT SELECT (%s), DELETE ON %s TO app_admin', key_columns, erased);
        EXECUTE format('CREATE POLICY erasure_select ON %s FOR SELECT TO app_admin USING (%s)', erased, condition);
        EXECUTE format('CREATE POLICY erasure_delete ON %s FOR DELETE TO app_admin USING (%s)', erased, condition);
        EXECUTE format(
            'CREATE POLICY erasure_fence ON %s AS RESTRICTIVE FOR DELETE TO app_admin USING (%s)',
            erased, condition);
    END $$
"""

# Runs as the tables' owner, whom partitions belong to and whom no policy lets in: the force is lifted for this
# transaction, which holds the tables for itself anyway. Nothing younger than a year goes. A chain begins anew at the
# last link before its first one of `before` or later; rows that later links lead to stay, in the default partition.
DROP_MONTHS = """
    CREATE FUNCTION audit.drop_months(before timestamptz) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog, pg_temp AS $body$
    DECLARE
        parent text;
        part text;
        dropped integer := 0;
    BEGIN
        IF before > now() - interval '365 days' THEN
            RAISE 'the audit log is kept for a year at least';
        END IF;
        FOREACH parent IN ARRAY ARRAY['entries', 'batches', 'links', 'heads', 'beginnings'] LOOP
            EXECUTE format('ALTER TABLE audit.%I NO FORCE ROW LEVEL SECURITY', parent);
        END LOOP;
        CREATE TEMP TABLE begun ON COMMIT DROP AS
            SELECT h.organization_id, coalesce((SELECT min(l.seq) FROM audit.links l
                WHERE l.organization_id = h.organization_id AND l.at >= before), h.seq + 1) - 1 AS seq
            FROM audit.heads h
            WHERE EXISTS (SELECT FROM audit.links l WHERE l.organization_id = h.organization_id AND l.at < before);
        CREATE TEMP TABLE kept_links ON COMMIT DROP AS
            SELECT l.* FROM audit.links l JOIN pg_temp.begun b USING (organization_id) WHERE l.at < before AND l.seq > b.seq;
        CREATE TEMP TABLE kept_batches ON COMMIT DROP AS
            SELECT a.* FROM audit.batches a WHERE a.at < before AND EXISTS (SELECT FROM audit.links l
                LEFT JOIN pg_temp.begun b ON b.organization_id = l.organization_id
                WHERE l.organization_id = a.organization_id AND l.batch_at = a.at AND l.batch_id = a.id
                    AND l.at >= before - interval '1 day' AND l.seq > coalesce(b.seq, 0));
        CREATE TEMP TABLE kept_entries ON COMMIT DROP AS
            SELECT e.* FROM audit.entries e JOIN pg_temp.kept_batches k
                ON k.organization_id = e.organization_id AND k.at = e.at AND k.id = e.batch_id;
        INSERT INTO audit.beginnings AS g (organization_id, seq, hash, entries)
            SELECT b.organization_id, b.seq, l.hash, coalesce((SELECT sum(a.entries) FROM audit.links o
                JOIN audit.batches a ON a.organization_id = o.organization_id AND a.at = o.batch_at AND a.id = o.batch_id
                WHERE o.organization_id = b.organization_id AND o.seq <= b.seq), 0)
            FROM pg_temp.begun b JOIN audit.links l ON l.organization_id = b.organization_id AND l.seq = b.seq
        ON CONFLICT (organization_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash,
            entries = g.entries + excluded.entries, at = now();
        FOR part IN
            SELECT right(c.relname, 6) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'audit' AND c.relname ~ '^links_p[0-9]{6}$' AND make_timestamptz(
                substr(right(c.relname, 6), 1, 4)::int, right(c.relname, 2)::int, 1, 0, 0, 0, 'UTC')
                + interval '1 month' <= before
            ORDER BY 1
        LOOP
            FOREACH parent IN ARRAY ARRAY['entries', 'batches', 'links'] LOOP
                EXECUTE format('DROP TABLE audit.%I', parent || '_p' || part);
            END LOOP;
            dropped := dropped + 1;
        END LOOP;
        DELETE FROM audit.entries WHERE at < before;
        DELETE FROM audit.batches WHERE at < before;
        DELETE FROM audit.links WHERE at < before;
        ALTER TABLE audit.batches DISABLE TRIGGER chain;
        INSERT INTO audit.batches SELECT * FROM pg_temp.kept_batches;
        ALTER TABLE audit.batches ENABLE TRIGGER chain;
        INSERT INTO audit.entries SELECT * FROM pg_temp.kept_entries;
        INSERT INTO audit.links SELECT * FROM pg_temp.kept_links;
        FOREACH parent IN ARRAY ARRAY['entries', 'batches', 'links', 'heads', 'beginnings'] LOOP
            EXECUTE format('ALTER TABLE audit.%I FORCE ROW LEVEL SECURITY', parent);
        END LOOP;
        RETURN dropped;
    END $body$
"""
