"""The audit log: entries and batches by month, a hash chain for each organization, and the triggers that fill them."""

from alembic import op

from rowhouse.kernel.db.auditing import unwatch
from rowhouse.kernel.db.walls import (
    ATHLETES_PERSON,
    OWN_ROW,
    audited,
    person_table,
    resolver_function,
    tenant_table,
)

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BY_MONTH = ("batches", "entries", "links")
ZERO = "'00000000-0000-0000-0000-000000000000'"

TABLES = (
    """
    CREATE TABLE audit.batches (
        organization_id uuid NOT NULL,
        at timestamptz NOT NULL,
        id uuid NOT NULL,
        actor_account_id uuid,
        actor_user_id uuid,
        operator_id uuid,
        request_id text NOT NULL,
        client_address text NOT NULL,
        user_agent text NOT NULL,
        action text NOT NULL,
        resource_kind text,
        outcome text NOT NULL CHECK (outcome IN ('done', 'refused')),
        details jsonb,
        entries integer NOT NULL,
        digest bytea NOT NULL,
        PRIMARY KEY (organization_id, at, id)
    ) PARTITION BY RANGE (at)
    """,
    """
    CREATE TABLE audit.entries (
        organization_id uuid NOT NULL,
        at timestamptz NOT NULL,
        batch_id uuid NOT NULL,
        position integer NOT NULL,
        resource_id text,
        changes jsonb,
        commitment bytea,
        PRIMARY KEY (organization_id, at, batch_id, position)
    ) PARTITION BY RANGE (at)
    """,
    """
    CREATE TABLE audit.links (
        organization_id uuid NOT NULL,
        seq bigint NOT NULL,
        at timestamptz NOT NULL,
        batch_at timestamptz NOT NULL,
        batch_id uuid NOT NULL,
        hash bytea NOT NULL,
        PRIMARY KEY (organization_id, seq, at)
    ) PARTITION BY RANGE (at)
    """,
    """
    CREATE TABLE audit.heads (
        organization_id uuid PRIMARY KEY,
        seq bigint NOT NULL,
        hash bytea NOT NULL,
        entries bigint NOT NULL,
        at timestamptz NOT NULL
    ) WITH (fillfactor = 50)
    """,
    """
    CREATE TABLE audit.personal (
        user_id uuid NOT NULL,
        organization_id uuid NOT NULL,
        at timestamptz NOT NULL,
        batch_id uuid NOT NULL,
        position integer NOT NULL,
        salt bytea NOT NULL,
        clear jsonb,
        sealed text,
        PRIMARY KEY (user_id, organization_id, at, batch_id, position),
        CHECK ((clear IS NULL) <> (sealed IS NULL))
    )
    """,
    """
    CREATE TABLE audit.person_keys (
        user_id uuid PRIMARY KEY,
        sealed text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
    )
    """,
)

INDEXES = (
    "CREATE INDEX batches_actor_idx ON audit.batches (organization_id, actor_account_id, at DESC, id DESC)",
    "CREATE INDEX batches_action_idx ON audit.batches (organization_id, action, at DESC, id DESC)",
    "CREATE INDEX batches_kind_idx ON audit.batches (organization_id, resource_kind, at DESC, id DESC)",
    "CREATE INDEX entries_resource_idx ON audit.entries (organization_id, resource_id, at DESC)",
    "CREATE INDEX personal_clear_idx ON audit.personal (user_id) WHERE clear IS NOT NULL",
)

# Closed by the statement that wrote the entries: one batch for each organization among them, with the digest over all.
CLOSE = """
    CREATE FUNCTION recorder.close(organization uuid, moment timestamptz, batch uuid, action text, kind text,
        outcome text, details jsonb, entries integer, texts text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog, pg_temp AS $body$
    DECLARE
        account uuid := nullif(current_setting('rowhouse.account_id', true), '')::uuid;
        person uuid := nullif(current_setting('rowhouse.user_id', true), '')::uuid;
        operator uuid := nullif(current_setting('rowhouse.operator_id', true), '')::uuid;
        request text := coalesce(current_setting('rowhouse.request_id', true), '');
        address text := coalesce(current_setting('rowhouse.client_address', true), '');
        agent text := coalesce(current_setting('rowhouse.user_agent', true), '');
        touched text := coalesce(current_setting('rowhouse.audited', true), '');
    BEGIN
        INSERT INTO audit.batches VALUES (organization, moment, batch, account, person, operator, request, address,
            agent, action, kind, outcome, details, entries, sha256(convert_to(
                jsonb_build_array(organization, (extract(epoch FROM moment) * 1000000)::bigint, batch, account,
                    person, operator, request, address, agent, action, kind, outcome, details, entries)::text
                || E'\\n' || texts, 'UTF8')));
        IF strpos(touched, organization::text) = 0 THEN
            PERFORM set_config('rowhouse.audited', ltrim(touched || ' ' || organization), true);
        END IF;
        RETURN true;
    END $body$
"""

# At the commit: the head's lock is held for the commit alone, not for the transaction. One that wrote in several
# organizations locks their heads in order, so that two of them never wait for each other.
CHAIN = """
    CREATE FUNCTION recorder.chain() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog, pg_temp AS $body$
    DECLARE
        touched uuid[] := string_to_array(current_setting('rowhouse.audited', true), ' ')::uuid[];
        head record;
    BEGIN
        IF cardinality(touched) > 1 THEN
            PERFORM FROM audit.heads h WHERE h.organization_id = ANY (touched) ORDER BY h.organization_id FOR UPDATE;
        END IF;
        INSERT INTO audit.heads AS h VALUES (NEW.organization_id, 1,
            sha256(uuid_send(NEW.organization_id) || int8send(1) || NEW.digest), NEW.entries, clock_timestamp())
        ON CONFLICT (organization_id) DO UPDATE SET seq = h.seq + 1, entries = h.entries + NEW.entries,
            hash = sha256(h.hash || int8send(h.seq + 1) || NEW.digest), at = clock_timestamp()
        RETURNING h.seq, h.hash, h.at INTO head;
        INSERT INTO audit.links VALUES (NEW.organization_id, head.seq, head.at, NEW.at, NEW.id, head.hash);
        RETURN NULL;
    END $body$
"""

# What only a trigger may say, that a row was written, nobody can say through this.
RECORD = f"""
    CREATE FUNCTION recorder.record(action text, kind text, id text, outcome text, details jsonb) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
    DECLARE
        organization uuid := coalesce(nullif(current_setting('rowhouse.organization_id', true), ''), {ZERO})::uuid;
        moment timestamptz := clock_timestamp();
        batch uuid := gen_random_uuid();
    BEGIN
        IF action ~ '[.](insert|update|delete)$' OR action !~ '^[a-z_]+[.][a-z_.]+$' THEN
            RAISE 'not the name of an event: %', action;
        END IF;
        INSERT INTO audit.entries (organization_id, at, batch_id, position, resource_id)
            VALUES (organization, moment, batch, 1, id);
        PERFORM recorder.close(organization, moment, batch, action, kind, outcome, details, 1,
            '1 ' || coalesce(length(id) || ':' || id, '-') || '--' || E'\\n');
    END $body$
"""

# Runs as the tables' owner, whom partitions must belong to; it takes no argument and makes nothing else.
MAKE_PARTITIONS = """
    CREATE FUNCTION audit.make_partitions() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog, pg_temp AS $body$
    DECLARE
        parent text;
        part text;
        month timestamptz;
    BEGIN
        FOREACH parent IN ARRAY ARRAY['batches', 'entries', 'links'] LOOP
            FOR ahead IN 0..3 LOOP
                month := date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' + make_interval(months => ahead);
                month := date_trunc('month', month AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
                part := parent || '_p' || to_char(month AT TIME ZONE 'UTC', 'YYYYMM');
                IF to_regclass('audit.' || part) IS NULL THEN
                    BEGIN
                        EXECUTE format('CREATE TABLE audit.%I PARTITION OF audit.%I FOR VALUES FROM (%L) TO (%L)', part,
                            parent, month, (month AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC');
                        EXECUTE format('ALTER TABLE audit.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', part);
                    EXCEPTION WHEN check_violation THEN
                        RAISE WARNING 'audit.% holds rows of % in its default partition', parent, month;
                    END;
                END IF;
            END LOOP;
        END LOOP;
    END $body$
"""

FITNESS: dict[str, dict[str, tuple[str, ...]]] = {
    "athletes": {},
    "files": {},
    "records": {"masked": ("summary",)},
    "streams": {},
    "workouts": {"masked": ("flags", "sources", "parts", "detail")},
    "memberships": {},
    "matches": {"masked": ("reasons",)},
    "edits": {},
    "upload_files": {},
    "upload_results": {"masked": ("workout_ids",), "ignored": ("parts_done",)},
}
"""Masked is what is large and can be made again from the records; whatever else is the athlete's own."""

WATCHED = (
    "kernel.users",
    "kernel.organizations",
    "kernel.accounts",
    "kernel.email_codes",
    "kernel.sessions",
    "kernel.jobs",
    *(f"fitness.{table}" for table in FITNESS),
)


def upgrade() -> None:
    for statement in (*TABLES, *INDEXES):
        op.execute(statement)
    for table in BY_MONTH:
        op.execute(f"CREATE TABLE audit.{table}_p0 PARTITION OF audit.{table} DEFAULT")
        op.execute(f"ALTER TABLE audit.{table}_p0 ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    op.execute(MAKE_PARTITIONS)
    op.execute("GRANT EXECUTE ON FUNCTION audit.make_partitions() TO app_admin")
    op.execute("SELECT audit.make_partitions()")
    _walls()
    _recorder()
    _watch()
    op.execute("GRANT SELECT (name) ON kernel.users TO rowhouse_resolver")
    # Takes no argument: it answers for the context's own organization alone.
    resolver_function(
        op,
        "actors()",
        "TABLE (account_id uuid, user_id uuid, name text)",
        """
        SELECT a.id, a.user_id, u.name FROM kernel.accounts a JOIN kernel.users u ON u.id = a.user_id
        WHERE a.organization_id = (SELECT app.org())
        """,
    )


def downgrade() -> None:
    # Entries that later migrations' own changes have left wait for their links.
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in WATCHED:
        unwatch(op, table)
    op.execute("SET LOCAL ROLE rowhouse_resolver")
    op.execute("DROP FUNCTION resolve.actors()")
    op.execute("RESET ROLE")
    op.execute("REVOKE SELECT (name) ON kernel.users FROM rowhouse_resolver")
    op.execute(
        "DROP TABLE audit.person_keys, audit.personal, audit.heads, audit.links, audit.entries, audit.batches"
    )
    op.execute("DROP FUNCTION audit.make_partitions()")
    op.execute("DROP POLICY recorder_read ON kernel.accounts")
    op.execute("REVOKE SELECT (organization_id, id, user_id) ON kernel.accounts FROM rowhouse_auditor")
    op.execute("REVOKE USAGE ON SCHEMA audit, kernel FROM rowhouse_auditor")
    op.execute("SET LOCAL ROLE rowhouse_auditor")
    op.execute(
        """
        DO $$ DECLARE made regprocedure; BEGIN
            FOR made IN SELECT oid FROM pg_proc WHERE pronamespace = 'recorder'::regnamespace LOOP
                EXECUTE format('DROP FUNCTION %s', made);
            END LOOP;
        END $$
        """
    )
    op.execute("RESET ROLE")


def _walls() -> None:
    """The recorder writes for everybody and reads nothing but the heads; whoever reads, reads their own."""
    for table in ("batches", "entries", "links", "heads"):
        tenant_table(op, f"audit.{table}", grants=("select",))
        _recorder_may(f"audit.{table}", "INSERT")
    _recorder_may("audit.heads", "SELECT")
    _recorder_may("audit.heads", "UPDATE")
    person_table(op, "audit.personal", grants=("select",))
    _recorder_may("audit.personal", "INSERT")
    op.execute(
        f"CREATE POLICY person_update ON audit.personal FOR UPDATE TO app_user"
        f" USING ({OWN_ROW}) WITH CHECK ({OWN_ROW})"
    )
    op.execute("GRANT UPDATE (clear, salt, sealed) ON audit.personal TO app_user")
    person_table(op, "audit.person_keys", grants=("select", "insert", "delete"))
    # The daily heads, and whose values wait for sealing: no entry, no value.
    op.execute("GRANT SELECT (organization_id, seq, hash) ON audit.heads TO app_admin")
    op.execute("GRANT SELECT (organization_id, seq) ON audit.links TO app_admin")
    op.execute("GRANT SELECT (user_id, sealed) ON audit.personal TO app_admin")
    for table in ("heads", "links", "personal"):
        op.execute(
            f"CREATE POLICY admin_access ON audit.{table} FOR ALL TO app_admin USING (true) WITH CHECK (true)"
        )


def _recorder_may(table: str, command: str) -> None:
    condition = {"INSERT": "WITH CHECK (true)", "SELECT": "USING (true)"}.get(
        command, "USING (true) WITH CHECK (true)"
    )
    op.execute(
        f"CREATE POLICY recorder_{command.lower()} ON {table} FOR {command} TO rowhouse_auditor {condition}"
    )
    op.execute(f"GRANT {command} ON {table} TO rowhouse_auditor")


def _recorder() -> None:
    op.execute("GRANT USAGE ON SCHEMA audit, kernel TO rowhouse_auditor")
    # To find the person behind an athlete.
    op.execute("GRANT SELECT (organization_id, id, user_id) ON kernel.accounts TO rowhouse_auditor")
    op.execute("CREATE POLICY recorder_read ON kernel.accounts FOR SELECT TO rowhouse_auditor USING (true)")
    op.execute("SET LOCAL ROLE rowhouse_auditor")
    for function in (CLOSE, CHAIN, RECORD):
        op.execute(function)
    op.execute("REVOKE ALL ON ALL FUNCTIONS IN SCHEMA recorder FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION recorder.chain() TO rowhouse_owner")
    op.execute("GRANT EXECUTE ON FUNCTION recorder.record(text, text, text, text, jsonb) TO app_user")
    op.execute("RESET ROLE")
    op.execute(
        "CREATE CONSTRAINT TRIGGER chain AFTER INSERT ON audit.batches DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION recorder.chain()"
    )


def _watch() -> None:
    audited(
        op, "kernel.users", masked=("password_hash",), personal=("email", "email_key", "name"), person="id"
    )
    audited(op, "kernel.organizations")
    audited(op, "kernel.accounts")
    audited(
        op,
        "kernel.email_codes",
        masked=("digest", "password_hash"),
        personal=("name", "organization_name"),
        person="user_id",
        ignored=("tries",),
    )
    audited(
        op,
        "kernel.sessions",
        personal=("client_address", "user_agent"),
        person="user_id",
        ignored=("renewed_at",),
    )
    audited(
        op,
        "kernel.jobs",
        masked=("arguments", "result", "error"),
        ignored=(
            "claims", "attempts", "claimed_until", "worker", "publish_at", "run_at", "done", "total", "result",
            "started_at",
        ),
    )  # fmt: skip
    for table, how in FITNESS.items():
        audited(op, f"fitness.{table}", personal=("*",), person=ATHLETES_PERSON, **how)
