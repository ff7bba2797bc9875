"""The doctor finds nothing on what we ship, and every kind of wrong that is planted."""

from dataclasses import replace
from pathlib import Path

import pytest

from rowhouse.isolation import declared, declared_keys, declared_routes
from rowhouse.isolation.application import Door, judge_door, judge_redis_keys, judge_storage_keys
from rowhouse.isolation.catalog import Catalog, Grant, Relation, Role
from rowhouse.isolation.reading import read_catalog
from rowhouse.isolation.report import judge_catalog, judge_code, report
from rowhouse.isolation.rows import Row
from rowhouse.kernel.http.edge import Declaration
from tests.isolation.conftest import Connection
from tests.services import Services


def faults(connection: Connection) -> list[str]:
    """`name: fault` for everything wrong in the database."""
    return _said(judge_catalog(read_catalog(connection)))


def test_every_wall_holds(breakable: Connection) -> None:
    rows = judge_catalog(read_catalog(breakable))
    assert _said(rows) == []
    assert {row.kind for row in rows} >= {"table", "partition", "function", "role", "schema", "database"}


def test_every_way_in_is_declared() -> None:
    rows = judge_code()
    assert _said(rows) == []
    assert {row.kind for row in rows} >= {"route", "job", "redis key", "storage key"}


def test_the_report_says_so(
    services: Services, spare_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(services.dsn("app_admin", spare_database))
    assert "Every wall holds" in capsys.readouterr().out
    assert report(services.dsn("app_user", spare_database), as_json=True)
    assert '"holds": true' in capsys.readouterr().out


PLANTED = {
    "GRANT UPDATE ON audit.entries TO app_user": "app_user has UPDATE on the audit log",
    "GRANT INSERT ON audit.batches TO app_user": "app_user has INSERT on the audit log",
    "GRANT UPDATE ON audit.links TO app_admin": "app_admin has UPDATE on the audit log",
    "GRANT DELETE ON audit.heads TO app_admin": "app_admin has DELETE on the audit log",
    "DROP POLICY erasure_fence ON audit.links": "erasure_fence does not bind erasure",
    "GRANT DELETE ON kernel.users TO app_admin": "app_admin has DELETE, for which no reason",
    "GRANT UPDATE ON audit.entries TO rowhouse_auditor": "rowhouse_auditor has UPDATE, not declared",
    "GRANT SELECT ON kernel.users TO rowhouse_auditor": "rowhouse_auditor has SELECT, not declared",
    "GRANT EXECUTE ON FUNCTION recorder.close(uuid, timestamptz, uuid, text, text, text, jsonb, integer, text)"
    " TO app_user": "anybody could write the log",
    "ALTER FUNCTION recorder.chain() RESET search_path": "recorder.chain(): does not pin its search_path",
    "ALTER ROLE rowhouse_auditor LOGIN": "rowhouse_auditor: may log in",
    "CREATE TABLE fitness.notes (id uuid PRIMARY KEY)": "fitness.notes: no organization_id",
    "CREATE TABLE fitness.notes (organization_id uuid NOT NULL, id uuid, PRIMARY KEY (id, organization_id))": (
        "fitness.notes: notes_pkey is unique over id, organization_id"
    ),
    "CREATE TABLE fitness.notes (organization_id uuid PRIMARY KEY)": "fitness.notes: row-level security is off",
    "CREATE TABLE fitness.notes (organization_id uuid)": "fitness.notes: organization_id is missing or may be NULL",
    "ALTER TABLE fitness.files DISABLE ROW LEVEL SECURITY": "fitness.files: row-level security is off",
    "ALTER TABLE fitness.files NO FORCE ROW LEVEL SECURITY": "fitness.files: row-level security is not forced",
    "ALTER TABLE fitness.files OWNER TO app_user": "fitness.files: is owned by app_user",
    "CREATE POLICY open ON fitness.files TO app_user USING (true)": "policy open shows rows where true",
    "CREATE POLICY open ON fitness.files USING (organization_id = (SELECT app.org()))": "is for PUBLIC",
    "CREATE POLICY open ON fitness.files FOR SELECT TO app_admin USING (true)": "a policy opens it to app_admin",
    "CREATE POLICY open ON fitness.files FOR SELECT TO rowhouse_resolver USING (true)": "a policy opens it to rowhouse_resol",
    "ALTER POLICY tenant_fence ON fitness.files USING (true)": "tenant_fence holds ALL USING true",
    "ALTER POLICY athlete_fence ON fitness.edits WITH CHECK (true)": "athlete_fence holds ALL",
    "ALTER POLICY athlete_read ON fitness.files USING (true)": "athlete_read holds SELECT USING true",
    "ALTER POLICY athlete_update ON fitness.workouts USING (true)": "athlete_update holds UPDATE USING true",
    "ALTER POLICY granter_fence ON kernel.grants WITH CHECK (true)": "granter_fence holds ALL",
    "ALTER POLICY key_fence ON kernel.api_keys WITH CHECK (true)": "key_fence holds ALL",
    "CREATE OR REPLACE FUNCTION fitness.granted_athletes(permission text) RETURNS uuid[] LANGUAGE sql STABLE AS"
    " $$ SELECT array_agg(resource_id) FROM kernel.grants $$": "fitness.granted_athletes(text): says something",
    "ALTER POLICY tenant_update ON fitness.workouts WITH CHECK (true)": "lets rows be written where true",
    "ALTER TABLE fitness.matches ALTER athlete_id DROP NOT NULL": "fitness.matches: athlete_id may be NULL",
    "CREATE UNIQUE INDEX oracle ON fitness.files (sha256)": "oracle is unique over sha256",
    "CREATE UNIQUE INDEX oracle ON fitness.files (lower(name))": "oracle is unique over an expression",
    "ALTER TABLE fitness.edits ADD CONSTRAINT job FOREIGN KEY (organization_id, id)"
    " REFERENCES kernel.jobs (organization_id, id), ADD CONSTRAINT across FOREIGN KEY (id)"
    " REFERENCES kernel.organizations (id)": "fitness.edits: across (id) can lead across",
    "ALTER TABLE fitness.edits ADD CONSTRAINT person FOREIGN KEY (created_by) REFERENCES kernel.users (id)": (
        "fitness.edits: person leads to kernel.users, behind another kind of wall"
    ),
    "CREATE TABLE fitness.notes (organization_id uuid NOT NULL, id uuid, PRIMARY KEY (organization_id, id))"
    " PARTITION BY HASH (id)": "fitness.notes: is partitioned by id",
    "GRANT SELECT ON fitness.workouts_p0 TO app_user": "fitness.workouts_p0: SELECT is granted to app_user",
    "ALTER TABLE fitness.workouts_p0 DISABLE ROW LEVEL SECURITY": "fitness.workouts_p0: row-level security is off",
    "GRANT TRUNCATE ON fitness.files TO app_user": "fitness.files: TRUNCATE, which row-level security does not",
    "GRANT REFERENCES ON fitness.files TO app_user": "fitness.files: REFERENCES, which",
    "GRANT TRIGGER ON fitness.files TO app_user": "fitness.files: TRIGGER, which",
    "GRANT SELECT ON fitness.files TO PUBLIC": "fitness.files: SELECT is granted to PUBLIC",
    "GRANT SELECT ON fitness.files TO app_user WITH GRANT OPTION": "app_user may grant SELECT on",
    "GRANT UPDATE ON fitness.files TO app_user": "fitness.files: UPDATE is granted to app_user without a policy",
    "GRANT SELECT (result) ON kernel.jobs TO app_admin": "kernel.jobs: app_admin has SELECT result",
    "GRANT SELECT (updated_at) ON kernel.users TO rowhouse_resolver": "rowhouse_resolver has SELECT on updated_at",
    "GRANT DELETE ON public.alembic_version TO app_user": "public.alembic_version: DELETE is granted to app_user",
    "GRANT USAGE ON SEQUENCE kernel.outbox_position_seq TO app_user": "outbox_position_seq: USAGE is granted",
    "CREATE VIEW fitness.all_files AS SELECT * FROM fitness.files": "fitness.all_files: shows what its owner sees",
    "CREATE MATERIALIZED VIEW fitness.totals AS SELECT 1 AS n": "fitness.totals: a materialized view",
    "CREATE RULE away AS ON DELETE TO fitness.files DO INSTEAD NOTHING": "fitness.files: has rewrite rules (away)",
    "CREATE FUNCTION fitness.peek() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER AS"
    " 'SELECT count(*) FROM fitness.files'": "fitness.peek(): is SECURITY DEFINER outside the schema resolve",
    "ALTER FUNCTION resolve.login(text) RESET ALL": "resolve.login(text): does not pin its search_path",
    "ALTER FUNCTION resolve.login(text) OWNER TO postgres": "resolve.login(text): runs as postgres",
    "ALTER FUNCTION resolve.login(text) VOLATILE": "resolve.login(text): is not STABLE",
    "GRANT EXECUTE ON FUNCTION resolve.login(text) TO PUBLIC": "resolve.login(text): EXECUTE is granted to PUBLIC",
    "ALTER FUNCTION app.org() IMMUTABLE": "app.org(): is not STABLE",
    "ALTER FUNCTION app.org() SET search_path = pg_catalog": "app.org(): has a SET clause",
    "CREATE OR REPLACE FUNCTION app.org() RETURNS uuid LANGUAGE sql STABLE AS"
    " $$ SELECT current_setting('rowhouse.organization_id', true)::uuid $$": "app.org(): does not read",
    "ALTER FUNCTION app.stamp() LEAKPROOF": "app.stamp(): is LEAKPROOF",
    "ALTER ROLE app_user BYPASSRLS": "app_user: has BYPASSRLS",
    "ALTER ROLE app_admin SUPERUSER": "app_admin: has SUPER",
    "ALTER ROLE rowhouse_resolver LOGIN": "rowhouse_resolver: may log in",
    "GRANT rowhouse_owner TO app_user": "app_user: may become rowhouse_owner",
    "GRANT pg_read_all_data TO app_user": "app_user: may become pg_read_all_data",
    "ALTER ROLE app_user SET rowhouse.organization_id = 'x'": "app_user: sets rowhouse.organization_id",
    "GRANT CREATE ON SCHEMA app TO app_user": "app: CREATE is granted to app_user",
    "GRANT CREATE ON SCHEMA public TO PUBLIC": "public: CREATE is granted to PUBLIC",
    "GRANT USAGE ON SCHEMA fitness TO PUBLIC": "fitness: is open to PUBLIC",
    "ALTER DEFAULT PRIVILEGES FOR ROLE rowhouse_owner GRANT SELECT ON TABLES TO app_user": "database: new objects (r)",
    "ALTER DEFAULT PRIVILEGES FOR ROLE rowhouse_owner GRANT EXECUTE ON FUNCTIONS TO PUBLIC": (
        "database: new functions of rowhouse_owner"
    ),
    "DO $$ BEGIN EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO PUBLIC', current_database()); END $$": (
        "database: TEMPORARY is granted to PUBLIC"
    ),
    "DROP FUNCTION resolve.job(uuid)": "resolve.job(uuid): is declared, and does not exist",
    "DROP TABLE kernel.signing_keys": "kernel.signing_keys: is declared, and does not exist",
}


@pytest.mark.parametrize(("statement", "expected"), PLANTED.items(), ids=lambda text: text[:60])
def test_a_planted_wrong_is_found(breakable: Connection, statement: str, expected: str) -> None:
    breakable.execute(statement.encode())
    found = faults(breakable)
    assert any(expected in fault for fault in found), found


def test_no_policy_can_be_missing(breakable: Connection) -> None:
    """Every single policy, dropped alone, is missed. That one dropped in the database is one less in what is read, the
    first shows for all."""
    catalog = read_catalog(breakable)
    survivors, count = [], 0
    for relation in catalog.relations:
        for policy in relation.policies:
            rest = replace(relation, policies=tuple(one for one in relation.policies if one != policy))
            others = (rest if one is relation else one for one in catalog.relations)
            without = replace(catalog, relations=tuple(others))
            if not count:
                breakable.execute(f'DROP POLICY "{policy.name}" ON {relation.name}'.encode())
                assert read_catalog(breakable) == without
            count += 1
            if not _said(judge_catalog(without)):
                survivors.append(f"{relation.name}.{policy.name}")
    assert count > 80
    assert survivors == []


def test_excuses_are_used(breakable: Connection) -> None:
    """An exception that nothing needs any more would hide the next one."""
    catalog = read_catalog(breakable)
    uniques = {f"{r.name}.{u.name}" for r in catalog.relations for u in r.uniques}
    references = {f"{r.name}.{f.name}" for r in catalog.relations for f in r.references}
    routes = {row.name for row in judge_code() if row.kind == "route"}
    keys = {row.name.partition(":")[0] for row in judge_redis_keys()}
    assert declared.UNIQUE_ACROSS.keys() <= uniques
    assert declared.REFERENCES_OUT.keys() <= references
    assert declared_keys.REDIS_KEYS.keys() <= keys
    assert declared_routes.OPEN_ROUTES.keys() - routes <= {"GET /dev/mail", "GET /dev/mail/{name}"}
    for table, columns in declared.RESOLVER_READS.items():
        granted = {
            g.column
            for r in catalog.relations
            for g in r.grants
            if r.name == table and g.grantee == "rowhouse_resolver"
        }
        assert granted == set(columns), table


def test_rules_need_no_database() -> None:
    table = Relation(
        "fitness.notes", "r", "rowhouse_owner", {"id": True}, grants=(Grant("reporting", "SELECT"),)
    )
    rows = judge_catalog(
        Catalog(relations=(table,), roles=(Role("app_user", login=True, powers=frozenset()),))
    )
    said = _said(rows)
    assert "fitness.notes: no organization_id, and no wall is declared for it" in said
    assert "app_admin: does not exist" in said


@pytest.mark.parametrize(
    ("door", "fault"),
    [
        (Door("GET /api/v1/x", ()), "declares no way in"),
        (Door("GET /api/v1/x", (Declaration("public"),)), "is open (public) without a declared reason"),
        (Door("GET /api/v1/x", (Declaration("account"), Declaration("public"))), "declares several ways in"),
        (
            Door("GET /api/v1/x", (Declaration("account", "x.y.read"),)),
            "asks for x.y.read, which no app declares",
        ),
    ],
)
def test_a_door_without_a_declaration_is_found(door: Door, fault: str) -> None:
    assert judge_door(door, frozenset({"fitness.workouts.read"})).faults == (fault,)


def test_a_storage_key_beside_the_builder_is_found(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(
        "async def f(ctx, who):\n"
        "    await ctx.platform.storage.put(f'org/{who}/x', b'')\n"
        "    organization_key(who, 'x')\n"
    )
    assert len(_said(list(judge_storage_keys(tmp_path)))) == 2


def _said(rows: list[Row]) -> list[str]:
    return [f"{row.name}: {fault}" for row in rows for fault in row.faults]
