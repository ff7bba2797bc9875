"""`rowhouse doctor isolation`: reads, judges, prints."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence

import psycopg
from rich.console import Console
from rich.table import Table
from sqlalchemy.engine import make_url

from rowhouse.installed import registry
from rowhouse.isolation.application import judge_application
from rowhouse.isolation.catalog import Catalog
from rowhouse.isolation.reading import read_catalog
from rowhouse.isolation.rights import judge_rights
from rowhouse.isolation.rows import Row
from rowhouse.isolation.tables import judge_relations
from rowhouse.kernel.http.app import build_api
from rowhouse.kernel.settings import Settings

NEVER_USED = {
    "database_url": "postgresql://nobody@localhost/none",
    "redis_url": "redis://localhost",
    "storage_url": "file:///nowhere",
    "master_key": "unused",
}
"""The routes are looked at, not called: the application needs no service."""


def report(admin_dsn: str, *, as_json: bool = False) -> bool:
    """Prints every thing with its wall; returns whether all walls hold. `admin_dsn` may be any role's."""
    url = make_url(admin_dsn).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, connect_timeout=5) as connection:
        rows = [*judge_catalog(read_catalog(connection)), *judge_code()]
    holds = all(row.holds for row in rows)
    if as_json:
        print(json.dumps({"holds": holds, "rows": [row.as_json() for row in rows]}, indent=1))  # noqa: T201 - output
    else:
        show(rows, Console())
    return holds


def judge_catalog(catalog: Catalog) -> list[Row]:
    """What the database holds."""
    return [*judge_relations(catalog), *judge_rights(catalog)]


def judge_code() -> list[Row]:
    """What the application adds."""
    api = build_api(registry, Settings(**NEVER_USED, web_dir=None))  # type: ignore[arg-type]  # SecretStr from str
    return list(judge_application(api, registry))


def show(rows: Sequence[Row], console: Console) -> None:
    """A table for each kind of thing, the faults under their thing, a summary at the end."""
    kinds = Counter(row.kind for row in rows)
    for kind in kinds:
        console.print(_table(kind, [row for row in rows if row.kind == kind]))
    faults = sum(len(row.faults) for row in rows)
    counted = ", ".join(f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in kinds.items())
    if faults:
        console.print(f"[bold red]{faults} faults[/] in {counted}")
    else:
        console.print(f"[bold green]Every wall holds[/]: {counted}")


def _table(kind: str, rows: Iterable[Row]) -> Table:
    table = Table(title=kind, title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column("")
    table.add_column("name", overflow="fold")
    table.add_column("wall", overflow="fold")
    table.add_column("reason, or what is wrong", overflow="fold")
    for row in rows:
        if row.holds:
            table.add_row("[green]✓[/]", row.name, row.wall, f"[dim]{row.reason}[/]")
        else:
            table.add_row("[red]✗[/]", row.name, row.wall, f"[red]{chr(10).join(row.faults)}[/]")
    return table
