"""Organizations with one athlete each and their workouts, written by SQL alone: a million rows in half a minute."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg

from bench.harness import Servers
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.tokens.tokens import Bearer

# md5 makes a number's ids the same in every run and every table.
ORGANIZATIONS = """
    INSERT INTO kernel.organizations (id, kind, name, state)
    SELECT md5('org' || n)::uuid, 'personal', 'Organization ' || n, 'active' FROM generate_series(%(a)s, %(b)s) n;
    INSERT INTO kernel.users (id, email, email_key, name, email_verified_at)
    SELECT md5('user' || n)::uuid, n || '@example.org', n || '@example.org', 'Person ' || n, now()
    FROM generate_series(%(a)s, %(b)s) n;
    INSERT INTO kernel.accounts (organization_id, id, user_id, role)
    SELECT md5('org' || n)::uuid, md5('account' || n)::uuid, md5('user' || n)::uuid, 'owner'
    FROM generate_series(%(a)s, %(b)s) n;
    INSERT INTO kernel.sessions (user_id, id, organization_id, account_id, stay, client_address, user_agent,
        expires_at, renewed_at)
    SELECT md5('user' || n)::uuid, md5('session' || n)::uuid, md5('org' || n)::uuid, md5('account' || n)::uuid,
        true, '', '', now() + interval '1 day', now()
    FROM generate_series(%(a)s, %(b)s) n;
    INSERT INTO fitness.athletes (organization_id, id)
    SELECT md5('org' || n)::uuid, md5('account' || n)::uuid FROM generate_series(%(a)s, %(b)s) n;
"""

# Rows as wide as real ones: one source, and in `detail` the provenance of 14 fields. An organization's rows lie
# together, as an import of its history leaves them.
WORKOUTS = """
    WITH organization AS MATERIALIZED (
        SELECT n, jsonb_build_object('provenance', jsonb_object_agg('field_' || f, jsonb_build_object(
            'value', n * f, 'source_id', md5(n || 'source')::uuid, 'rule', 'best_device', 'alternatives', '[]'::jsonb)))
            AS detail
        FROM generate_series(%(a)s, %(b)s) n, generate_series(1, 14) f GROUP BY n ORDER BY n
    )
    INSERT INTO fitness.workouts (organization_id, id, athlete_id, start_time, timezone, local_start_time, sport,
        sub_sport, title, duration_s, moving_time_s, distance_m, ascent_m, energy_kcal, avg_hr_bpm, max_hr_bpm,
        avg_power_w, max_power_w, avg_cadence_rpm, avg_speed_mps, quality_score, flags, sources, parts, detail)
    SELECT md5('org' || n)::uuid,
        (lpad(to_hex(1400000000000 + w * 21600000::bigint), 12, '0') || '7' || substr(source, 1, 3) || '8'
            || substr(source, 4, 15))::uuid,
        md5('account' || n)::uuid,
        timestamptz '2014-05-13 16:53:20+00' + w * interval '6 hours',
        'Europe/Berlin',
        to_char(timestamp '2014-05-13 18:53:20' + w * interval '6 hours', 'YYYY-MM-DD"T"HH24:MI:SS"+02:00"'),
        (ARRAY['run', 'ride', 'swim', 'walk'])[w %% 4 + 1], NULL, 'Morning activity ' || w,
        1800 + w %% 3600, 1750 + w %% 3600, 5000 + w * 7.31 %% 20000, w %% 900, 300 + w %% 700,
        120 + w %% 50, 150 + w %% 45, NULL, NULL, 80 + w %% 12, 2.5 + (w %% 30) * 0.07, 0.97,
        '[]', jsonb_build_array(jsonb_build_object('id', source, 'provider', 'file', 'device', 'Garmin Edge 530',
            'external_id', NULL)), '[]',
        detail
    FROM organization, generate_series(1, %(each)s) w, md5('source' || n || w) source
"""


@dataclass(frozen=True, slots=True)
class Athlete:
    """Someone whose workouts are asked for."""

    number: int
    organization_id: UUID
    account_id: UUID
    token: str


def fill(servers: Servers, database: str, first: int, last: int, workouts_each: int) -> None:
    """Adds the organizations numbered `first` to `last`. Constraints' triggers are off: the rows keep them."""
    with psycopg.connect(servers.dsn("postgres", database), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        numbers = {"a": first, "b": last, "each": workouts_each}
        with psycopg.ClientCursor(connection) as cursor:
            cursor.execute(ORGANIZATIONS, numbers)
            cursor.execute(WORKOUTS, numbers)


def settle(servers: Servers, database: str) -> None:
    """Leaves nothing to do for autovacuum and the checkpointer while something is measured."""
    with psycopg.connect(servers.dsn("postgres", database), autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")


async def athletes(platform: Platform, organizations: int) -> list[Athlete]:
    """The athletes of the first organizations, with tokens good for a quarter of an hour."""
    found = []
    async with platform.database.engine.connect() as connection:
        rows = await connection.exec_driver_sql(
            "SELECT n, md5('org' || n)::uuid, md5('account' || n)::uuid, md5('user' || n)::uuid,"
            " md5('session' || n)::uuid FROM generate_series(1, %s) n",
            (organizations,),
        )
        for row in rows:
            n, organization, account, user, session = tuple(row)
            bearer = Bearer(session, user, organization, account, "owner", ("kernel.*", "fitness.*"))
            token, _ = await platform.tokens.issue(bearer, not_after=datetime.now(UTC) + timedelta(days=1))
            found.append(Athlete(n, organization, account, token))
    return found
