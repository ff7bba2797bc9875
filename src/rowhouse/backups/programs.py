"""PostgreSQL's own programs: `pg_basebackup`, `pg_receivewal`, `pg_verifybackup`."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from rowhouse.backups.errors import ProgramFailed

FOLDER = "ROWHOUSE_PG_BIN"
READ_BYTES = 1024 * 1024
ERROR_BYTES = 8192


def find(program: str) -> Path:
    """In the folder that `ROWHOUSE_PG_BIN` names, else in the PATH. Raises `ProgramFailed`."""
    folder = os.environ.get(FOLDER)
    found = shutil.which(program, path=folder or os.environ.get("PATH"))
    if found is None:
        raise ProgramFailed(
            f"{program} is not on this machine: install PostgreSQL's client programs, or name their folder by {FOLDER}."
        )
    return Path(found)


def connection(dsn: str) -> tuple[Sequence[str], Mapping[str, str]]:
    """Arguments and environment that lead a program to the server; the password is in neither a list of processes."""
    known = conninfo_to_dict(dsn)
    password = str(known.pop("password", "") or "")
    known.pop("dbname", None)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ROWHOUSE_")}
    return ("-d", make_conninfo(**known), "-w"), environment | {"PGPASSWORD": password}  # type: ignore[arg-type]  # the values came from conninfo


def database_of(dsn: str) -> str:
    return str(conninfo_to_dict(dsn)["dbname"])


async def output_of(command: Sequence[str | Path], environment: Mapping[str, str]) -> AsyncIterator[bytes]:
    """What the program writes. Raises `ProgramFailed` with its last words when it ends with anything but 0."""
    process = await asyncio.create_subprocess_exec(
        *command, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    words = asyncio.create_task(process.stderr.read())
    try:
        while piece := await process.stdout.read(READ_BYTES):
            yield piece
        said = (await words)[-ERROR_BYTES:].decode("utf-8", "replace").strip()
        if await process.wait() != 0:
            raise ProgramFailed(f"{Path(command[0]).name} failed: {said}")
    finally:
        words.cancel()
        with suppress(ProcessLookupError):
            process.kill()


async def run(command: Sequence[str | Path], environment: Mapping[str, str]) -> None:
    async for _ in output_of(command, environment):
        pass
