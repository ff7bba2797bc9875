"""Sealing everything anew under the newest keys, so that old ones can be thrown away.

Runs as `rowhouse_backup`, past the policies and with triggers off: the same secret under another key is no change
that anybody made. Rows are compared with what was read when they are written, so a change meanwhile wins and is met
in the next round. It can break off anywhere and be started again.
"""

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from psycopg import AsyncConnection, sql
from psycopg.rows import TupleRow

from rowhouse.kernel.secrets.sealing import Sealer
from rowhouse.kernel.vault.sealed import SEALED_ARGUMENT, SEALED_COLUMNS
from rowhouse.kernel.vault.vault import KeyGone, Vault

Connection = AsyncConnection[TupleRow]
BATCH = 500

KEYS = """
    SELECT a.attname::text FROM pg_index i
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
    WHERE i.indrelid = %s::regclass AND i.indisprimary ORDER BY array_position(i.indkey::int2[], a.attnum)
"""
WAITING = b"""
    SELECT organization_id, id, arguments ->> %(name)s FROM kernel.jobs
    WHERE state IN ('queued', 'running') AND arguments ? %(name)s AND (organization_id, id) > (%(org)s, %(id)s)
    ORDER BY organization_id, id LIMIT 500
"""
REPLACE = b"""
    UPDATE kernel.jobs SET arguments = jsonb_set(arguments, ARRAY[%(name)s], to_jsonb(%(new)s::text))
    WHERE organization_id = %(org)s AND id = %(id)s AND arguments ->> %(name)s = %(old)s
"""


async def reseal_all(connection: Connection, vault: Vault, master: Sealer) -> Mapping[str, int]:
    """Answers how many values were sealed anew, by column. What can't be opened is left as it is and not counted."""
    done = {"keys": 0}
    for organization_id in await vault.organizations():
        await vault.reseal(organization_id)
        done["keys"] += 1
    for column, under in SEALED_COLUMNS.items():
        if under != "person":
            done[column] = await _column(
                connection, column, None if under == "organization" else master, vault
            )
    done[f"kernel.jobs.arguments.{SEALED_ARGUMENT}"] = await _arguments(connection, master)
    return done


async def _column(connection: Connection, column: str, master: Sealer | None, vault: Vault) -> int:
    table, name = column.rsplit(".", 1)
    key = [row[0] for row in await (await connection.execute(KEYS, (table,))).fetchall()]
    total = 0
    async for rows in _batches(connection, table, key, name):
        async with connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")
            for *values, sealed in rows:
                sealer = master or await _of(vault, dict(zip(key, values, strict=True))["organization_id"])
                new = sealer.renewed(sealed) if sealer else None
                if new is not None:
                    total += await _write(connection, table, key, name, [new, *values, sealed])
    return total


async def _of(vault: Vault, organization_id: UUID) -> Sealer | None:
    try:
        return await vault.opening(organization_id)
    except KeyGone:
        return None


async def _batches(
    connection: Connection, table: str, key: list[str], name: str
) -> AsyncIterator[list[TupleRow]]:
    columns = sql.SQL(", ").join(map(sql.Identifier, key))
    after: tuple[object, ...] | None = None
    while True:
        further: sql.Composable = sql.SQL("")
        if after is not None:
            places = sql.SQL(", ").join([sql.Placeholder()] * len(key))
            further = sql.SQL(" AND ({}) > ({})").format(columns, places)
        query = sql.SQL("SELECT {}, {} FROM {} WHERE {} IS NOT NULL{} ORDER BY {} LIMIT {}").format(
            columns,
            sql.Identifier(name),
            sql.Identifier(*table.split(".")),
            sql.Identifier(name),
            further,
            columns,
            sql.Literal(BATCH),
        )
        rows = await (await connection.execute(query, after or ())).fetchall()
        if not rows:
            return
        yield rows
        after = tuple(rows[-1][:-1])


async def _write(connection: Connection, table: str, key: list[str], name: str, values: list[object]) -> int:
    query = sql.SQL("UPDATE {} SET {} = %s WHERE {} AND {} = %s").format(
        sql.Identifier(*table.split(".")),
        sql.Identifier(name),
        sql.SQL(" AND ").join(sql.SQL("{} = %s").format(sql.Identifier(column)) for column in key),
        sql.Identifier(name),
    )
    return (await connection.execute(query, values)).rowcount


async def _arguments(connection: Connection, master: Sealer) -> int:
    total, at = 0, {"org": UUID(int=0), "id": UUID(int=0)}
    while True:
        waiting = await connection.execute(WAITING, {"name": SEALED_ARGUMENT, **at})
        rows = await waiting.fetchall()
        if not rows:
            return total
        async with connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")
            for org, id_, sealed in rows:
                new = master.renewed(sealed)
                values = {"name": SEALED_ARGUMENT, "org": org, "id": id_, "old": sealed, "new": new}
                if new is not None:
                    total += (await connection.execute(REPLACE, values)).rowcount
        at = {"org": rows[-1][0], "id": rows[-1][1]}
