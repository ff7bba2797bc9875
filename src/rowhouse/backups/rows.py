"""An organization's rows, out of PostgreSQL and back into it, as `COPY` writes them.

The connection is `rowhouse_backup`'s: it reads and writes past the policies, and may switch triggers off for a
transaction. Text of COPY under fixed settings is the same for the same rows on every version, so its hash is too.
"""

import hashlib
from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from psycopg import AsyncConnection, sql
from psycopg.rows import TupleRow

from rowhouse.backups.catalog import TablePart, get_compressed, put_compressed
from rowhouse.backups.errors import Damaged, SchemaDiffers, WouldMix
from rowhouse.backups.scope import Carried, carried_tables
from rowhouse.kernel.storage.storage import Storage

Connection = AsyncConnection[TupleRow]

SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
CANONICAL = (
    "SET LOCAL TimeZone = 'UTC'",
    "SET LOCAL DateStyle = 'ISO, YMD'",
    "SET LOCAL IntervalStyle = 'postgres'",
    "SET LOCAL bytea_output = 'hex'",
    "SET LOCAL extra_float_digits = 1",
)
COLUMNS = """
    SELECT attname::text FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum
"""
REFERENCES = """
    SELECT c.conrelid::regclass::text, c.confrelid::regclass::text,
        ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY k(n, o)
            JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n ORDER BY k.o),
        ARRAY(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY k(n, o)
            JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.n ORDER BY k.o)
    FROM pg_constraint c WHERE c.contype = 'f' AND c.conparentid = 0
"""


async def dump(
    connection: Connection, place: Storage, name: str, organization_id: UUID
) -> dict[str, TablePart]:
    """Keeps the rows of every carried table, all as of one moment."""
    parts = {}
    async with connection.transaction():
        await connection.execute(SNAPSHOT)
        for setting in CANONICAL:
            await connection.execute(setting.encode())
        for carried in carried_tables():
            columns = await _columns(connection, carried.table)
            rows = await _count(connection, carried, organization_id)
            pieces = _copied(connection, carried, columns, organization_id)
            part = await put_compressed(place, f"{name}/tables/{carried.table}.gz", pieces)
            parts[carried.table] = TablePart(**part.model_dump(), columns=columns, rows=rows)
    return parts


async def load(
    connection: Connection, place: Storage, organization_id: UUID, parts: Mapping[str, TablePart]
) -> dict[str, int]:
    """Makes the organization's rows what they were, in the transaction of the caller; answers how many by table.

    Nobody else's row is touched: of people who are still here theirs stay as they are, only those who are gone come
    back. Triggers are off, so that what was recorded once isn't again; that every reference holds, and that the rows
    are those that were kept, is asked of the database before anything is committed. Raises `BackupError`s.
    """
    await connection.execute("SET LOCAL session_replication_role = replica")
    for setting in CANONICAL:
        await connection.execute(setting.encode())
    await _check_schema(connection, parts)
    tables = [carried for carried in carried_tables() if carried.table in parts]
    await _end_sessions(connection, organization_id)
    missing = await _bring_people(connection, place, parts)
    loaded = {}
    for carried in tables:
        part = parts[carried.table]
        if carried.personal:
            loaded[carried.table] = await _bring_personal(connection, place, carried, part, missing)
        else:
            await connection.execute(_delete(carried), {"org": organization_id})
            loaded[carried.table] = await _copy_in(connection, place, carried.table, part)
            await _compare(connection, carried, part, organization_id)
    await _check_references(connection, organization_id, {carried.table for carried in tables})
    return loaded


async def hashes(connection: Connection, organization_id: UUID) -> dict[str, str]:
    """Of the organization's rows as they are now, by table: what two states are compared by."""
    found = {}
    async with connection.transaction():
        await connection.execute(SNAPSHOT)
        for setting in CANONICAL:
            await connection.execute(setting.encode())
        for carried in carried_tables():
            columns = await _columns(connection, carried.table)
            found[carried.table] = await _hash(_copied(connection, carried, columns, organization_id))
    return found


async def _columns(connection: Connection, table: str) -> tuple[str, ...]:
    found = await connection.execute(COLUMNS, (table,))
    return tuple(row[0] for row in await found.fetchall())


async def _count(connection: Connection, carried: Carried, organization_id: UUID) -> int:
    query = sql.SQL("SELECT count(*) FROM {} WHERE ").format(_name(carried.table)) + sql.SQL(
        carried.condition
    )
    row = await (await connection.execute(query, {"org": organization_id})).fetchone()
    return int(row[0]) if row else 0


async def _copied(
    connection: Connection, carried: Carried, columns: tuple[str, ...], organization_id: UUID
) -> AsyncIterator[bytes]:
    query = sql.SQL("COPY (SELECT {} FROM {} WHERE {} ORDER BY {}) TO STDOUT").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        _name(carried.table),
        # COPY takes no parameters; an id is letters, digits and dashes.
        sql.SQL(carried.condition.replace("%(org)s", f"'{organization_id}'::uuid")),
        sql.SQL(", ").join(map(sql.Identifier, carried.key)),
    )
    async with connection.cursor() as cursor, cursor.copy(query) as copy:
        async for piece in copy:
            yield bytes(piece)


async def _copy_in(connection: Connection, place: Storage, table: str, part: TablePart) -> int:
    columns = sql.SQL(", ").join(map(sql.Identifier, part.columns))
    async with connection.cursor() as cursor:
        async with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(_name(table), columns)) as copy:
            async for piece in get_compressed(place, part):
                await copy.write(piece)
        return cursor.rowcount


async def _check_schema(connection: Connection, parts: Mapping[str, TablePart]) -> None:
    for table, part in parts.items():
        if set(await _columns(connection, table)) != set(part.columns):
            raise SchemaDiffers(
                f"{table} has other columns than in the backup: restore it with the version of Rowhouse that made it."
            )


async def _end_sessions(connection: Connection, organization_id: UUID) -> None:
    """Whoever acts in the organization signs in again; the caller has told Redis before."""
    whose = "(SELECT user_id, id FROM kernel.sessions WHERE organization_id = %s)"
    await connection.execute(
        f"DELETE FROM kernel.refresh_tokens WHERE (user_id, session_id) IN {whose}".encode(),
        (organization_id,),
    )
    await connection.execute(b"DELETE FROM kernel.sessions WHERE organization_id = %s", (organization_id,))


async def _bring_people(connection: Connection, place: Storage, parts: Mapping[str, TablePart]) -> list[UUID]:
    """Whose person is gone from here; raises `WouldMix` where their address is somebody else's by now."""
    await _stage(connection, place, "kernel.users", parts["kernel.users"])
    gone = await connection.execute(
        b"SELECT id FROM staged s WHERE NOT EXISTS (SELECT FROM kernel.users u WHERE u.id = s.id)"
    )
    missing = [row[0] for row in await gone.fetchall()]
    taken = await connection.execute(
        b"SELECT s.id FROM staged s JOIN kernel.users u ON u.email_key = s.email_key AND u.id <> s.id"
        b" WHERE s.id = ANY (%s)",
        (missing,),
    )
    others = [str(row[0]) for row in await taken.fetchall()]
    if others:
        raise WouldMix(
            f"The addresses of {', '.join(others)} belong to other people here by now: change those first."
        )
    return missing


async def _bring_personal(
    connection: Connection, place: Storage, carried: Carried, part: TablePart, missing: list[UUID]
) -> int:
    await _stage(connection, place, carried.table, part)
    whose = "id" if carried.table == "kernel.users" else "user_id"
    columns = sql.SQL(", ").join(map(sql.Identifier, part.columns))
    added = await connection.execute(
        sql.SQL(
            "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM staged WHERE {} = ANY (%s)"
        ).format(_name(carried.table), columns, columns, sql.Identifier(whose)),
        (missing,),
    )
    return added.rowcount


async def _stage(connection: Connection, place: Storage, table: str, part: TablePart) -> None:
    await connection.execute(b"DROP TABLE IF EXISTS staged")
    await connection.execute(
        sql.SQL("CREATE TEMPORARY TABLE staged (LIKE {}) ON COMMIT DROP").format(_name(table))
    )
    await _copy_in(connection, place, "staged", part)


async def _compare(connection: Connection, carried: Carried, part: TablePart, organization_id: UUID) -> None:
    if await _hash(_copied(connection, carried, part.columns, organization_id)) != part.sha256:
        raise Damaged(f"The rows of {carried.table} did not come back as they were; nothing was changed.")


async def _check_references(connection: Connection, organization_id: UUID, tables: set[str]) -> None:
    """Every foreign key of the tables that were written, for the organization's rows."""
    for child, parent, columns, keys in await (await connection.execute(REFERENCES)).fetchall():
        if child not in tables or "organization_id" not in columns:
            continue
        pairs = [
            sql.SQL("p.{} = c.{}").format(sql.Identifier(key), sql.Identifier(column))
            for column, key in zip(columns, keys, strict=True)
        ]
        present = [sql.SQL("c.{} IS NOT NULL").format(sql.Identifier(column)) for column in columns]
        query = sql.SQL(
            "SELECT count(*) FROM {} c WHERE c.organization_id = %s AND {} AND NOT EXISTS (SELECT FROM {} p WHERE {})"
        ).format(_name(child), sql.SQL(" AND ").join(present), _name(parent), sql.SQL(" AND ").join(pairs))
        row = await (await connection.execute(query, (organization_id,))).fetchone()
        if row and row[0]:
            raise Damaged(
                f"{row[0]} rows of {child} refer to rows of {parent} that are not there; nothing was changed."
            )


def _delete(carried: Carried) -> sql.Composed:
    return sql.SQL("DELETE FROM {} WHERE ").format(_name(carried.table)) + sql.SQL(carried.condition)


async def _hash(pieces: AsyncIterator[bytes]) -> str:
    digest = hashlib.sha256()
    async for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def _name(table: str) -> sql.Identifier:
    return sql.Identifier(*table.split("."))
