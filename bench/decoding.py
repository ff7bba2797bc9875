"""How many records a second one core decodes, from bytes to recordings with streams; prints JSON.

Run as `python -m bench.decoding`.
"""

import json
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from rowhouse.apps.fitness.files.decoding.decode import decode, open_members
from rowhouse.apps.fitness.recordings import streams
from rowhouse.apps.fitness.recordings.recording import Streams
from tests.generators import fit, xml
from tests.generators.activities import RECEIVED, activity

ROUNDS = 5
RECORDS = 20_000


def run() -> dict[str, Any]:
    """Format → records per second of CPU time (median of rounds); and the same of storing and reading streams."""
    made = activity(RECORDS - 1)
    damaged = bytearray(fit.fit_file(made))
    damaged[-1] ^= 0xFF
    files = {
        "fit": fit.fit_file(made),
        "fit_wrong_checksum": bytes(damaged),
        "gpx": xml.gpx_file(made).encode(),
        "tcx": xml.tcx_file(made).encode(),
    }
    result: dict[str, Any] = {"records": RECORDS, "rounds": ROUNDS}
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            path = Path(folder) / name
            path.write_bytes(data)
            result[f"{name}_records_per_s"] = _rate(lambda path=path: _decode(path))  # type: ignore[misc]  # bound now
    kept = Streams(made.time_s, made.channels)
    stored = streams.encode(kept)
    result["streams_bytes_per_record"] = round(len(stored) / RECORDS, 2)
    result["streams_encode_records_per_s"] = _rate(lambda: streams.encode(kept))
    result["streams_decode_records_per_s"] = _rate(lambda: streams.decode(stored))
    result["peak_rss_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return result


def _decode(path: Path) -> None:
    with open_members(path, path.name) as members:
        for member in members:
            (recording,) = decode(member, received_at=RECEIVED).recordings
            assert len(recording.streams) == RECORDS


def _rate(work: Callable[[], object]) -> int:
    """Records a second of CPU time, after one round to warm up."""
    work()
    seconds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        seconds.append(time.process_time() - began)
    return round(RECORDS / median(seconds))


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
