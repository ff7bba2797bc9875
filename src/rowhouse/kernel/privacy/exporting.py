"""Exports: all that a person or an organization has, as one ZIP that says what is in it.

The job writes section after section as parts (`writing.py`), notes each in its row, and then puts them together with
originals and samples. Killed at any point it goes on after the last section; the archive appears as a whole or not.
"""

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.downloads.keeping import begin_export, end_export, export_folder
from rowhouse.kernel.downloads.links import Linked, make_link
from rowhouse.kernel.downloads.listing import list_exports, under_way
from rowhouse.kernel.downloads.models import Export
from rowhouse.kernel.jobs.models import Job
from rowhouse.kernel.jobs.service import enqueue
from rowhouse.kernel.notices.kernel_kinds import EXPORT_READY
from rowhouse.kernel.notices.posting import Told, post
from rowhouse.kernel.privacy.errors import TooManyExports
from rowhouse.kernel.privacy.sections import Attachment, Scope, attachments_of, sections_of
from rowhouse.kernel.privacy.writing import part_name, write_section
from rowhouse.kernel.privacy.zipping import ZipStream
from rowhouse.kernel.queue.kinds import JobKind
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

if TYPE_CHECKING:  # contexts stand on the registry, which stands on jobs
    from rowhouse.kernel.jobs.run import JobRun

KINDS: Mapping[Scope, str] = {"person": "privacy.person", "organization": "privacy.organization"}
AT_MOST = 5
"""Finished exports that an account has at a time."""
README = (
    "Each section is there twice: as JSON, and as CSV for spreadsheets. Times are ISO 8601 with offset, samples are"
    " Parquet whose columns carry their quantum (value = integer x quantum), originals are the files as they came."
    " manifest.json lists every file with its rows, bytes and SHA-256.\n"
)


async def start_export(ctx: Ctx, scope: Scope) -> UUID:
    """The job of a new export, or of the account's one that is under way. Raises `TooManyExports`."""
    own, kind = await list_exports(ctx, KINDS.values()), KINDS[scope]
    waiting = next((one for one, job in own if one.kind == kind and under_way(job)), None)
    if waiting is not None:
        return waiting.id
    if len(own) >= AT_MOST:
        raise TooManyExports
    export_id = uuid7()
    await begin_export(ctx, export_id, kind)
    await record(ctx, "privacy.export_asked", resource=f"export:{export_id}", details={"scope": scope})
    total = len(sections_of(ctx.platform.registry, scope)) + 1
    return await enqueue(ctx, EXPORT, {"scope": scope}, job_id=export_id, total=total)


def view(ctx: Ctx, export: Export, job: Job | None) -> dict[str, Any]:
    """An export as its account sees it, with a fresh link once it is ready."""
    ready = export.bytes is not None
    return {
        "id": export.id,
        "scope": next(scope for scope, kind in KINDS.items() if kind == export.kind),
        "state": "succeeded" if ready else job.state if job else "failed",
        "done": job.done if job else 0,
        "total": job.total if job else None,
        "bytes": export.bytes,
        "created_at": export.created_at,
        "expires_at": export.expires_at,
        "url": make_link(ctx, _archive(ctx.org, ctx.account, export.id)) if ready else None,
    }


async def run_export(run: "JobRun") -> dict[str, Any]:
    scope: Scope = run.arguments["scope"]
    sections = sections_of(run.platform.registry, scope)
    async with run.transaction() as ctx:
        linked = _archive(ctx.org, ctx.account, run.job_id)
    folder = f"{linked.key.rpartition('/')[0]}/parts"
    files: list[dict[str, Any]] = list((run.result or {}).get("files", ()))
    for position in range(run.done, len(sections)):
        files += await write_section(run.platform.storage, folder, run.transaction, sections[position])
        async with run.transaction() as ctx:
            await run.check_cancelled(ctx)
            await run.progress(ctx, done=position + 1, result={"files": files})
    archive = _Archive(run, scope, files, folder)
    size = await run.platform.storage.put(linked.key, archive.stream())
    async for part in run.platform.storage.list(folder):
        await run.platform.storage.delete(part.key)
    async with run.transaction() as ctx:
        expires_at = await end_export(ctx, run.job_id, size)
        await record(ctx, "privacy.exported", resource=f"export:{run.job_id}", details={"scope": scope})
        url = make_link(ctx, linked)
        told = Told(
            "Your export is ready, and kept for seven days.", "/settings/privacy", f"export/{run.job_id}"
        )
        await post(ctx, EXPORT_READY, [ctx.account], told)
    rows = sum(file["rows"] for file in files if file["format"] == "json")
    return {
        "url": url,
        "bytes": size,
        "rows": rows,
        "files": len(files) + archive.attached,
        "expires_at": expires_at.isoformat(),
    }


class _Archive:
    """The bytes of the archive, from the parts in storage and what is attached."""

    def __init__(self, run: "JobRun", scope: Scope, files: list[dict[str, Any]], folder: str) -> None:
        self._run = run
        self._scope = scope
        self._files = files
        self._folder = folder
        self._zip = ZipStream(now())
        self._entries: list[dict[str, Any]] = []
        self._missing: list[str] = []
        self.attached = 0

    async def stream(self) -> AsyncIterator[bytes]:
        storage = self._run.platform.storage
        async for piece in self._zip.member("README.txt", _once(README.encode())):
            yield piece
        for file in self._files:
            part = f"{self._folder}/{part_name(file['section'], file['format'])}"
            async for piece in self._zip.member(file["name"], storage.stream(part)):
                yield piece
        for kind in attachments_of(self._run.platform.registry, self._scope):
            after = None
            while True:
                async with self._run.transaction() as ctx:
                    await self._run.check_cancelled(ctx)
                    page, after = await kind.read(ctx, after)
                for one in page:
                    async for piece in self._attach(f"{kind.name}/{one.name}", one):
                        yield piece
                if after is None:
                    break
        async for piece in self._zip.member("manifest.json", _once(self._manifest())):
            yield piece
        yield self._zip.end()

    async def _attach(self, name: str, one: Attachment) -> AsyncIterator[bytes]:
        storage = self._run.platform.storage
        if one.key is not None and not await storage.exists(one.key):
            self._missing.append(name)
            return
        pieces = storage.stream(one.key) if one.key is not None else _once(one.data or b"")
        async for piece in self._zip.member(name, pieces):
            yield piece
        self.attached += 1
        written, format_ = self._zip.written, name.rpartition(".")[2].lower()
        self._entries.append(
            {"name": name, "format": format_, "bytes": written.bytes, "sha256": written.sha256}
        )

    def _manifest(self) -> bytes:
        identity = self._run.identity
        said = {
            "format": "rowhouse-export/1",
            "scope": self._scope,
            "organization_id": identity.organization_id,
            "account_id": identity.account_id,
            "user_id": identity.user_id,
            "made_at": now(),
            "files": [*self._files, *self._entries],
            "missing": self._missing,
        }
        return orjson.dumps(said, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


def _archive(organization_id: UUID, account_id: UUID, export_id: UUID) -> Linked:
    key = f"{export_folder(organization_id, account_id, export_id)}/archive.zip"
    return Linked(key, f"rowhouse-export-{now():%Y-%m-%d}.zip", "application/zip")


EXPORT = JobKind("kernel.export", run_export, queue="bulk", time_limit_s=6_000, max_attempts=5)
