"""The bytes of an export, as a stream: a page of workouts or measurements is in memory at a time, read in a transaction of
its own."""

import asyncio
import re
import unicodedata
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
import pyarrow as pa

from rowhouse.apps.fitness.exports.fit import write_fit
from rowhouse.apps.fitness.exports.gpx import has_track, write_gpx
from rowhouse.apps.fitness.exports.legs import Material, legs_of, read_material, samples_of
from rowhouse.apps.fitness.exports.measurements import SCHEMA, as_table_row, read_measurements
from rowhouse.apps.fitness.exports.schemas import FILES, WorkoutExportRequest
from rowhouse.apps.fitness.exports.selection import read_page, readable_athlete
from rowhouse.apps.fitness.exports.tables import TABLES, AsCsv, AsParquet, Encoding, Table, samples_file
from rowhouse.apps.fitness.exports.tcx import write_tcx
from rowhouse.apps.fitness.recordings.recording import Recording
from rowhouse.apps.fitness.workouts.models import Workout
from rowhouse.apps.fitness.workouts.reading import item_of
from rowhouse.kernel.privacy.zipping import ZipStream
from rowhouse.kit.time import now

if TYPE_CHECKING:  # contexts stand on the registry, which stands on jobs
    from rowhouse.kernel.jobs.run import JobRun

ROWS_AT_ONCE, SAMPLES_AT_ONCE = 200, 10
WRITERS: dict[str, Callable[[Sequence[Recording]], bytes]] = {
    "fit": write_fit,
    "tcx": write_tcx,
    "gpx": write_gpx,
}
NO_TRACK = "no_track"


class Archive:
    """One export on its way. `left_out` says which workouts the format can't hold."""

    def __init__(self, run: "JobRun", wanted: WorkoutExportRequest, ids: Sequence[UUID]) -> None:
        self._run = run
        self._wanted = wanted
        self._ids = ids
        self._files: list[dict[str, Any]] = []
        tables = 1 + len(set(wanted.include) - {"biometrics"})
        self._passes = 1 if wanted.format in FILES or wanted.format == "json" else tables
        self._passed = 0
        self.left_out: list[dict[str, str]] = []
        self.measurements = 0

    async def stream(self) -> AsyncIterator[bytes]:
        """All bytes of the file. Raises `JobCancelled` between two pages."""
        wanted = self._wanted
        if wanted.is_one_file:
            async for piece in self._one_file():
                yield piece
            return
        archive = ZipStream(now())
        async for name, pieces in self._members():
            async for piece in archive.member(name, pieces):
                yield piece
            self._files.append(
                {"name": name, "bytes": archive.written.bytes, "sha256": archive.written.sha256}
            )
        said = {
            "format": "rowhouse-workouts/1",
            "made_at": now(),
            "asked": wanted.model_dump(mode="json", by_alias=True, exclude_defaults=True),
            "files": self._files,
            "left_out": self.left_out,
        }
        manifest = orjson.dumps(said, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        async for piece in archive.member("manifest.json", _once(manifest)):
            yield piece
        yield archive.end()

    def _one_file(self) -> AsyncIterator[bytes]:
        if self._wanted.format in FILES:
            return self._only()
        if self._wanted.format == "json":
            return self._json()
        return self._table(TABLES["workouts"])

    async def _members(self) -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
        wanted = self._wanted
        if wanted.format in FILES:
            async for name, data in self._written():
                yield name, _once(data)
            return
        if wanted.with_biometrics:
            yield f"biometrics.{wanted.format}", self._biometrics()
        if wanted.format == "json":
            yield "workouts.json", self._json()
            return
        for table in ("workouts", *(name for name in TABLES if name in wanted.include)):
            yield f"{table}.{wanted.format}", self._table(TABLES[table])
        if "streams" in wanted.include:
            async for page in self._materials():
                for one in page:
                    data = await asyncio.to_thread(_samples, one, wanted.format)
                    yield f"streams/{member_name(one.workout)}.{wanted.format}", _once(data)

    async def _written(self) -> AsyncIterator[tuple[str, bytes]]:
        """Each workout as a file of its own, but those that the format can't hold."""
        async for page in self._materials():
            for one in page:
                data = await asyncio.to_thread(_write, one, self._wanted.format)
                if data is None:
                    self.left_out.append({"workout_id": str(one.workout.id), "reason": NO_TRACK})
                else:
                    yield f"{member_name(one.workout)}.{self._wanted.format}", data

    async def _only(self) -> AsyncIterator[bytes]:
        async for _, data in self._written():
            yield data

    async def _table(self, table: Table) -> AsyncIterator[bytes]:
        encoding = self._encoding(table.schema)
        async for page in self._workouts(ROWS_AT_ONCE):
            rows = [row for workout in page for row in table.rows(workout)]
            yield await asyncio.to_thread(encoding.page, rows)
        yield encoding.end()

    async def _biometrics(self) -> AsyncIterator[bytes]:
        pages = read_measurements(self._run, self._wanted)
        if self._wanted.format == "json":
            yield b"["
            async for page in pages:
                written = await asyncio.to_thread(_dumped, page)
                yield (b",\n" if self.measurements else b"\n") + b",\n".join(written)
                self.measurements += len(page)
            yield b"\n]\n"
            return
        encoding = self._encoding(SCHEMA)
        async for page in pages:
            self.measurements += len(page)
            yield await asyncio.to_thread(encoding.page, [as_table_row(one) for one in page])
        yield encoding.end()

    def _encoding(self, schema: pa.Schema) -> Encoding:
        return AsParquet(schema) if self._wanted.format == "parquet" else AsCsv(schema)

    async def _json(self) -> AsyncIterator[bytes]:
        """An array; samples are in it where they were asked for."""
        first = True
        yield b"[\n"
        if "streams" in self._wanted.include:
            async for page in self._materials():
                for one in page:
                    yield (b"" if first else b",\n") + await asyncio.to_thread(_json_with_samples, one)
                    first = False
        else:
            async for workouts in self._workouts(ROWS_AT_ONCE):
                for workout in workouts:
                    yield (b"" if first else b",\n") + orjson.dumps(_json_of(workout))
                    first = False
        yield b"\n]\n"

    async def _workouts(self, at_once: int) -> AsyncIterator[list[Workout]]:
        async for workouts, _ in self._pages(at_once, samples=False):
            yield workouts

    async def _materials(self) -> AsyncIterator[list[Material]]:
        async for _, materials in self._pages(SAMPLES_AT_ONCE, samples=True):
            yield materials

    async def _pages(
        self, at_once: int, *, samples: bool
    ) -> AsyncIterator[tuple[list[Workout], list[Material]]]:
        """A grant that has ended meanwhile ends the export (`NotFound`)."""
        run, count = self._run, len(self._ids)
        for start in range(0, count, at_once):
            async with run.transaction() as ctx:
                await run.check_cancelled(ctx)
                athlete_id = await readable_athlete(ctx, self._wanted.athlete_id)
                workouts = await read_page(ctx, athlete_id, self._ids[start : start + at_once])
                materials = await read_material(ctx, workouts) if samples else []
                done = (self._passed * count + start) // self._passes
                await run.progress(ctx, done=done)
            yield workouts, materials
        self._passed += 1


def member_name(workout: Workout) -> str:
    """When, what and which: sorts by time, and is unique by the end of its id."""
    plain = unicodedata.normalize("NFKD", workout.title).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or workout.sport
    return f"{workout.local_start_time[:16].replace('T', '-').replace(':', '')}-{words}-{workout.id.hex[-8:]}"


def _write(material: Material, format_: str) -> bytes | None:
    legs = legs_of(material)
    if format_ == "gpx" and not any(has_track(leg) for leg in legs):
        return None
    return WRITERS[format_](legs)


def _samples(material: Material, format_: str) -> bytes:
    return samples_file(samples_of(material), as_parquet=format_ == "parquet")


def _dumped(rows: Sequence[dict[str, Any]]) -> list[bytes]:
    return [orjson.dumps(row) for row in rows]


def _json_of(workout: Workout) -> dict[str, Any]:
    return {**item_of(workout), "laps": workout.detail["laps"], "lengths": workout.detail["lengths"]}


def _json_with_samples(material: Material) -> bytes:
    streams = samples_of(material)
    said = {**_json_of(material.workout), "streams": {"time_s": streams.time_s, **streams.channels}}
    return orjson.dumps(said, option=orjson.OPT_SERIALIZE_NUMPY)


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
