"""Files that people of the journeys have on their disks."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

from tests.generators.activities import START, Activity, activity
from tests.generators.fit import fit_file
from tests.generators.xml import apple_export, apple_record, gpx_file

HEAD_UNIT, WATCH = 2713, 3113


def three_devices(folder: Path, start: datetime = START) -> tuple[Path, Path, Path]:
    """One ride as the head unit, the watch (no power, a heart rate of its own) and the phone wrote it down."""
    ride = activity(1800, seed=3, start=start, product=HEAD_UNIT, laps=3)
    rng = np.random.default_rng(4)
    channels = {name: values for name, values in ride.channels.items() if name != "power_w"}
    channels["heart_rate_bpm"] = np.round(
        ride.channels["heart_rate_bpm"] + rng.normal(1, 1, len(ride.time_s))
    )
    watch = replace(ride, channels=channels, product=WATCH, serial=3_312_004_711)
    phone = gpx_file(ride, creator="Pocket Tracker 4").encode()
    return (
        saved(folder / "head-unit.fit", fit_file(ride)),
        saved(folder / "watch.fit", fit_file(watch)),
        saved(folder / "phone.gpx", phone),
    )


def alike(folder: Path, start: datetime = START) -> tuple[Path, Path]:
    """Two recordings that may be one workout: most of the time in common and nearly the same distance, but without
    position, with speeds that neither agree nor contradict, and no other sensor in common."""
    first = activity(1800, seed=5, place=None, start=start)
    late = start + timedelta(seconds=270)
    second = activity(1800, seed=6, place=None, start=late, serial=77, product=WATCH)
    return (
        saved(folder / f"first-{start:%d}.fit", fit_file(_with(first, "heart_rate_bpm", "distance_m"))),
        saved(folder / f"second-{start:%d}.fit", fit_file(_with(second, "cadence_rpm", "distance_m"))),
    )


def nights(last: date, count: int = 20) -> bytes:
    """An Apple Health export with nights, variability and resting heart rate of so many days."""
    records = []
    for ago in range(count):
        day, eve = last - timedelta(days=ago), last - timedelta(days=ago + 1)
        variability, resting = str(40 + ago % 3), str(48 + ago % 3)
        records += [
            _slept("AsleepCore", f"{eve} 23:00", f"{day} 03:00"),
            _slept("AsleepDeep", f"{day} 03:00", f"{day} 04:20"),
            _slept("AsleepREM", f"{day} 04:20", f"{day} 06:0{ago % 3}"),
            apple_record(
                "HeartRateVariabilitySDNN", "Watch", f"{day} 03:00", f"{day} 03:01", variability, "ms"
            ),
            apple_record("RestingHeartRate", "Watch", f"{day} 00:00", f"{day} 20:00", resting, "count/min"),
        ]
    return "".join(apple_export([], records=records)).encode()


def _slept(stage: str, start: str, end: str) -> str:
    return apple_record("SleepAnalysis", "Watch", start, end, f"HKCategoryValueSleepAnalysis{stage}")


def saved(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _with(whole: Activity, *channels: str) -> Activity:
    return replace(whole, channels={name: whole.channels[name] for name in channels})
