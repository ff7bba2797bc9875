"""Q4, as far as workouts go today: rows written in bulk through the walls, beside COPY past them.

The same rows, encoded beforehand, each way in turns: COPY as the superuser, whom no policy holds (the limit; COPY
into a table with policies is refused to others); COPY into a temporary table and INSERT … SELECT as `app_user`;
the same with an event a row in the outbox, and with the audit log's entries, in the same transaction. Foreign keys
and checks hold in all of them; the audit log's triggers are switched off where its cost is not meant. Updates change
one column of every row. `app_user` is given the right to temporary tables, which the product does not need yet.
"""

from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any

import psycopg

from bench.harness import Gate, Result, medians, servers
from bench.speed.data import fill
from rowhouse.kernel.db.binding import BIND_SQL, Binding

DATABASE = "ingest"
COLUMNS = (
    "organization_id, id, athlete_id, start_time, timezone, local_start_time, sport, sub_sport, title, duration_s,"
    " moving_time_s, distance_m, ascent_m, energy_kcal, avg_hr_bpm, max_hr_bpm, avg_power_w, max_power_w,"
    " avg_cadence_rpm, avg_speed_mps, quality_score, flags, sources, parts, detail"
)
OUTBOX = """
    INSERT INTO kernel.outbox (organization_id, id, type, aggregate_id, payload, account_id, request_id)
    SELECT organization_id, id, 'fitness.workout_imported', id,
        jsonb_build_object('workout_id', id, 'sport', sport), athlete_id, 'bench'
    FROM incoming
"""
UPDATE = "UPDATE fitness.workouts SET title = title || '.' WHERE organization_id = (SELECT app.org())"
Connection = psycopg.Connection[tuple[Any, ...]]


def run(*, rounds: int = 7, rows: int = 20_000) -> Result:
    """Rows a second each way."""
    with servers() as up:
        up.database(DATABASE)
        fill(up, DATABASE, 1, 1, rows)
        with (
            psycopg.connect(up.dsn("postgres", DATABASE)) as bypass,
            psycopg.connect(up.dsn("app_user", DATABASE)) as walled,
        ):
            bypass.execute(f"GRANT TEMPORARY ON DATABASE {DATABASE} TO app_user")
            data = _encoded(bypass)
            binding = _binding(bypass)
            bypass.commit()
            insert = partial(_insert, walled, binding, data)
            ways: dict[str, tuple[bool, Callable[[], None]]] = {
                "copy past the walls": (False, lambda: _copy(bypass, f"fitness.workouts ({COLUMNS})", data)),
                "insert through the walls": (False, insert),
                "insert with outbox": (False, partial(insert, OUTBOX)),
                "insert with audit": (True, insert),
                "insert with audit and outbox": (True, partial(insert, OUTBOX)),
            }
            seen = [
                {
                    **{f"{name}: rows/s": rows / _timed(bypass, rows, *way) for name, way in ways.items()},
                    **_updates(bypass, walled, binding, rows),
                }
                for _ in range(rounds)
            ]
    figures = medians(seen)
    copy, plain, outbox, _, both, update, audited = figures.values()
    return Result(
        {"rows": rows, **figures},
        (
            Gate("bulk insert under RLS / COPY past it", plain / copy, ">=", 0.6),
            Gate("insert with outbox / without", outbox / plain, ">=", 0.5),
            Gate("insert with audit and outbox / without", both / plain, ">=", 0.5),
            Gate("bulk update with audit / without", audited / update, ">=", 0.4, firm=False),
        ),
    )


def _updates(bypass: Connection, walled: Connection, binding: Binding, rows: int) -> dict[str, float]:
    """Changes the rows that are there, without the audit log and with it."""
    found = {}
    for audit, name in ((False, "update"), (True, "update with audit")):
        _audit(bypass, on=audit)
        began = perf_counter()
        walled.execute(BIND_SQL, binding.values())
        walled.execute(UPDATE)
        walled.commit()
        found[f"{name}: rows/s"] = rows / (perf_counter() - began)
    return found


def _audit(bypass: Connection, *, on: bool) -> None:
    """Switches the triggers of the audit log, whose tables are emptied."""
    for event in ("insert", "update", "delete"):
        bypass.execute(f"ALTER TABLE fitness.workouts {'ENABLE' if on else 'DISABLE'} TRIGGER audit_{event}")
    bypass.execute("TRUNCATE audit.entries, audit.batches, audit.links, audit.heads, audit.personal")
    bypass.commit()


def _timed(bypass: Connection, rows: int, audit: bool, write: Callable[[], None]) -> float:
    """Seconds until it is committed, into empty tables."""
    bypass.execute("TRUNCATE fitness.workouts, kernel.outbox, kernel.deliveries")
    _audit(bypass, on=audit)
    began = perf_counter()
    write()
    spent = perf_counter() - began
    found = bypass.execute("SELECT count(*) FROM fitness.workouts").fetchone()
    recorded = bypass.execute("SELECT count(*) FROM audit.entries").fetchone()
    assert (found, recorded) == ((rows,), (rows if audit else 0,))
    bypass.commit()
    return spent


def _copy(connection: Connection, target: str, data: bytes) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {target} FROM STDIN (FORMAT binary)") as copy:
        copy.write(data)
    connection.commit()


def _insert(connection: Connection, binding: Binding, data: bytes, and_then: str | None = None) -> None:
    connection.execute(BIND_SQL, binding.values())
    connection.execute(
        f"CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS SELECT {COLUMNS} FROM fitness.workouts WITH NO DATA"
    )
    with connection.cursor() as cursor, cursor.copy("COPY incoming FROM STDIN (FORMAT binary)") as copy:
        copy.write(data)
    connection.execute(f"INSERT INTO fitness.workouts ({COLUMNS}) SELECT {COLUMNS} FROM incoming")
    if and_then:
        connection.execute(and_then)
    connection.commit()


def _encoded(connection: Connection) -> bytes:
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY (SELECT {COLUMNS} FROM fitness.workouts) TO STDOUT (FORMAT binary)") as copy,
    ):
        return b"".join(bytes(block) for block in copy)


def _binding(connection: Connection) -> Binding:
    found = connection.execute("SELECT organization_id, athlete_id FROM fitness.workouts LIMIT 1").fetchone()
    assert found
    return Binding(organization_id=found[0], account_id=found[1], request_id="bench")
