"""Exporting the audit log to a file: CSV for spreadsheets, JSON Lines for machines."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.db.paging import Place
from rowhouse.kernel.downloads.keeping import begin_export, end_export, export_folder
from rowhouse.kernel.errors import NotFound
from rowhouse.kernel.inspection.schemas import ExportRequest
from rowhouse.kernel.inspection.search import Filters, position, read_actors, read_page, view
from rowhouse.kernel.jobs.repository import get_job
from rowhouse.kernel.jobs.service import enqueue
from rowhouse.kernel.limits.declared import ActionLimit
from rowhouse.kernel.notices.kernel_kinds import EXPORT_READY
from rowhouse.kernel.notices.posting import Told, post
from rowhouse.kernel.queue.kinds import JobKind
from rowhouse.kernel.quotas.actions import spend
from rowhouse.kit.ids import uuid7
from rowhouse.kit.spreadsheets import csv_lines

if TYPE_CHECKING:  # contexts stand on the registry, which stands on jobs
    from rowhouse.kernel.jobs.run import JobRun

ROWS_AT_ONCE = 1000
AUDIT_EXPORTS = ActionLimit("kernel.audit_exports", "Exports of the audit log by you in a day.", 20, 86_400)
COLUMNS = (
    "id", "at", "actor_account_id", "actor_user_id", "actor_name", "operator_id", "action", "resource_kind",
    "resource_id", "outcome", "changes", "details", "client_address", "user_agent", "request_id",
)  # fmt: skip
MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}


@dataclass(frozen=True, slots=True)
class ExportedFile:
    key: str
    name: str
    media_type: str


async def start_export(ctx: Ctx, wanted: ExportRequest) -> UUID:
    """Reading so much of the log at once is an entry of it too. Raises `LimitReached`."""
    await spend(ctx, AUDIT_EXPORTS)
    arguments = wanted.model_dump(mode="json", by_alias=True, exclude_none=True)
    await record(ctx, "audit.exported", details=arguments)
    export_id = uuid7()
    await begin_export(ctx, export_id, EXPORT.name)
    return await enqueue(ctx, EXPORT, arguments, job_id=export_id)


async def get_export(ctx: Ctx, job_id: UUID) -> ExportedFile:
    """The finished file of one of the account's own exports."""
    job = await get_job(ctx, job_id)
    if job is None or job.kind != EXPORT.name or job.state != "succeeded":
        raise NotFound
    found = _file(ctx, job_id, job.arguments["format"])
    if not await ctx.platform.storage.exists(found.key):
        raise NotFound
    return found


async def run_export(run: "JobRun") -> dict[str, Any]:
    """Writes the file as a whole or not at all; trying again writes it anew."""
    arguments = dict(run.arguments)
    async with run.transaction() as ctx:
        found = _file(ctx, run.job_id, arguments["format"])
    rows = _Rows(run, _filters(arguments))
    encode = _csv if arguments["format"] == "csv" else _json_lines
    size = await run.platform.storage.put(found.key, encode(rows.read()))
    async with run.transaction() as ctx:
        await end_export(ctx, run.job_id, size)
        text = "Your export of the audit log is ready, and kept for seven days."
        await post(ctx, EXPORT_READY, [ctx.account], Told(text, "/jobs", f"export/{run.job_id}"))
    return {"url": f"/api/v1/audit/exports/{run.job_id}", "bytes": size, "entries": rows.count}


class _Rows:
    """The selected entries as callers see them, a page in memory at a time, each page in a transaction of its own."""

    def __init__(self, run: "JobRun", filters: Filters) -> None:
        self._run = run
        self._filters = filters
        self.count = 0

    async def read(self) -> AsyncIterator[list[dict[str, Any]]]:
        after: tuple[Any, ...] | None = None
        while True:
            async with self._run.transaction() as ctx:
                await self._run.check_cancelled(ctx)
                actors = await read_actors(ctx)
                rows = await read_page(ctx, self._filters, actors, Place(ROWS_AT_ONCE, after))
                page = [view(row, actors) for row in rows]
            if rows:
                after = position(rows[-1])
                self.count += len(page)
                yield page
            if len(rows) < ROWS_AT_ONCE:
                return


async def _json_lines(pages: AsyncIterator[list[dict[str, Any]]]) -> AsyncIterator[bytes]:
    async for page in pages:
        yield b"".join(orjson.dumps(entry, option=orjson.OPT_APPEND_NEWLINE) for entry in page)


async def _csv(pages: AsyncIterator[list[dict[str, Any]]]) -> AsyncIterator[bytes]:
    yield csv_lines([COLUMNS])
    async for page in pages:
        yield csv_lines(_flat(entry) for entry in page)


def _flat(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    actor, resource = entry["actor"] or {}, entry["resource"] or {}
    flat = {
        **entry,
        "actor_account_id": actor.get("account_id"),
        "actor_user_id": actor.get("user_id"),
        "actor_name": actor.get("name"),
        "resource_kind": resource.get("kind"),
        "resource_id": resource.get("id"),
    }
    return tuple(flat[column] for column in COLUMNS)


def _filters(arguments: Mapping[str, Any]) -> Filters:
    wanted = ExportRequest.model_validate(dict(arguments))
    values = wanted.model_dump(exclude={"format"})
    return Filters(**{name: values[name] for name in asdict(Filters())})


def _file(ctx: Ctx, job_id: UUID, format_: str) -> ExportedFile:
    name = f"audit-{job_id}.{format_}"
    return ExportedFile(f"{export_folder(ctx.org, ctx.account, job_id)}/{name}", name, MEDIA_TYPES[format_])


EXPORT = JobKind("kernel.export_audit", run_export, queue="bulk", time_limit_s=3600, max_attempts=3)
