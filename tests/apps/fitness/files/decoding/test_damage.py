"""Damaged FIT files: what can be read is kept, flagged and scored lower; nothing raises."""

import struct
from datetime import timedelta
from pathlib import Path

import fitfast
import numpy as np
import pytest
from fitdecode.utils import compute_crc
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rowhouse.apps.fitness.files.decoding.fit.decode import decode_fit
from rowhouse.apps.fitness.files.decoding.refusals import REFUSALS, RefusedError
from rowhouse.apps.fitness.recordings.recording import Recording
from tests.apps.fitness.files.decoding.reading import decode_one, only, refusal
from tests.generators import fit
from tests.generators.activities import RECEIVED, START, activity

RIDE = fit.fit_file(activity(120, laps=2))
WHOLE = decode_fit(RIDE, RECEIVED)[0]


def attempt(data: bytes) -> tuple[Recording, ...] | str:
    """Recordings or the code of the refusal; anything else that is raised fails the test."""
    try:
        return decode_fit(data, RECEIVED)
    except RefusedError as error:
        return error.refusal.code if error.refusal.code in REFUSALS else pytest.fail(error.refusal.code)


def test_a_wrong_checksum_keeps_everything(tmp_path: Path) -> None:
    found = only(tmp_path, fit.wrong_checksum(RIDE))
    assert "crc_mismatch" in found.flags
    assert found.quality_score < WHOLE.quality_score
    assert found.payload_sha256 == WHOLE.payload_sha256
    assert found.laps == WHOLE.laps


def test_a_wrong_header_checksum_keeps_everything() -> None:
    (found,) = decode_fit(RIDE[:12] + b"\x12\x34" + RIDE[14:], RECEIVED)
    assert "crc_mismatch" in found.flags
    assert found.payload_sha256 == WHOLE.payload_sha256


def test_a_header_without_a_checksum_is_sound() -> None:
    body = RIDE[14:-2]
    header = struct.pack("<BBHI4sH", 14, 0x20, 2100, len(body), b".FIT", 0)
    crc = compute_crc(header + body)
    (found,) = decode_fit(header + body + struct.pack("<H", crc), RECEIVED)
    assert found.flags == WHOLE.flags
    assert found.payload_sha256 == WHOLE.payload_sha256


@pytest.mark.parametrize("cut", [1, 2])
def test_a_missing_checksum_is_truncation_with_everything_kept(cut: int) -> None:
    (found,) = decode_fit(RIDE[:-cut], RECEIVED)
    assert "truncated" in found.flags
    assert found.payload_sha256 == WHOLE.payload_sha256


def test_a_damaged_signature_is_forgiven(tmp_path: Path) -> None:
    found = only(tmp_path, RIDE[:8] + b"\0\0\0\0" + RIDE[12:])
    assert "corrupt" in found.flags
    assert found.payload_sha256 == WHOLE.payload_sha256


def test_a_recording_that_was_never_closed_is_read_to_its_end() -> None:
    (found,) = decode_fit(RIDE[:4] + b"\0\0\0\0" + RIDE[8:-2], RECEIVED)
    assert "truncated" in found.flags
    assert len(found.streams) == len(WHOLE.streams)


def test_truncated_anywhere_it_keeps_every_whole_record_before_the_break() -> None:
    kept = []
    for size in [*range(200), *range(200, len(RIDE), 7)]:
        found = attempt(RIDE[:size])
        if isinstance(found, str):
            assert found in {"truncated", "corrupt", "no_samples", "not_an_activity"}, size
            kept.append(0)
            continue
        (recording,) = found
        assert "truncated" in recording.flags, size
        assert recording.quality_score < 1
        count = len(recording.streams)
        assert np.array_equal(recording.streams.time_s, WHOLE.streams.time_s[:count])
        assert np.array_equal(
            recording.streams.channels["power_w"], WHOLE.streams.channels["power_w"][:count]
        )
        kept.append(count)
    assert kept == sorted(kept)
    assert kept[-1] == len(WHOLE.streams)


def test_garbage_between_chained_files_loses_neither() -> None:
    other = fit.fit_file(activity(60, seed=2, start=START.replace(hour=15)))
    found = attempt(RIDE + b"\xff" * 37 + other)
    assert isinstance(found, tuple)
    assert len(found) == 2
    assert "corrupt" in found[0].flags
    assert found[0].payload_sha256 == WHOLE.payload_sha256


def test_a_cut_file_before_a_whole_one_loses_neither() -> None:
    other = fit.fit_file(activity(60, seed=2, start=START.replace(hour=15)))
    found = attempt(RIDE[:1500] + other)
    assert isinstance(found, tuple)
    assert len(found) == 2
    assert "truncated" in found[0].flags
    assert "truncated" not in found[1].flags


def test_records_of_an_undefined_kind_end_what_can_be_read() -> None:
    broken = bytearray(RIDE)
    broken[2000:2400] = b"\x0f" * 400
    found = attempt(fit.sealed(bytes(broken[14:-2])))
    assert isinstance(found, tuple)
    assert "corrupt" in found[0].flags
    assert 0 < len(found[0].streams) < len(WHOLE.streams)


def test_a_file_with_another_clock(tmp_path: Path) -> None:
    found = only(
        tmp_path, fit.fit_file(activity(60, start=START.replace(year=1989, month=12, day=31, hour=1)))
    )
    assert "clock_unset" in found.flags
    found = only(tmp_path, fit.fit_file(activity(60, start=START.replace(year=2031))))
    assert "clock_future" in found.flags
    assert found.start_time.year == 2031


def test_the_local_clock_or_the_files_creation_places_one_that_is_far_ahead() -> None:
    """Each session where it was in the event."""
    ahead = START.replace(year=2051)
    swim, ride = activity(60, start=ahead), activity(60, start=ahead + timedelta(minutes=5), seed=2)
    by_clock = fit.fit_file(swim, ride, utc_offset_s=int((START - ahead).total_seconds()))
    for data in (by_clock, fit.fit_file(swim, ride, created=START)):
        found = attempt(data)
        assert isinstance(found, tuple)
        assert [one.start_time for one in found] == [START, START + timedelta(minutes=5)]
        assert all("clock_future" in one.flags for one in found)


@pytest.mark.parametrize("data", [b"\x0e", RIDE[:5], RIDE[:13]])
def test_the_beginning_of_a_header_is_refused(data: bytes) -> None:
    assert attempt(data) in {"truncated", "corrupt"}


def test_an_empty_file_is_refused_as_empty(tmp_path: Path) -> None:
    assert refusal(tmp_path, b"") == "empty_file"


def test_too_many_messages_are_refused_before_they_are_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_: bytes) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(fitfast, "parse", never)
    bomb = bytes((0x40, 0, 0, 20, 0, 0)) + b"\0" * 1_000_001
    header = struct.pack("<BBHI4sH", 14, 0x20, 2100, len(bomb), b".FIT", 0)
    assert attempt(header + bomb + b"\0\0") == "too_large"


def test_too_many_chained_files_are_refused() -> None:
    tiny = struct.pack("<BBHI4s", 12, 0x20, 2100, 0, b".FIT")
    assert attempt(tiny * 1_100) == "too_large"


def test_too_many_sessions_are_refused() -> None:
    session = fit.message("session", start_time=START, timestamp=START, total_elapsed_time=1.0)
    assert attempt(fit.encoded([fit.file_id(activity(1)), *[session] * 201])) == "too_large"


def test_a_panic_of_the_fast_decoder_is_survived(monkeypatch: pytest.MonkeyPatch) -> None:
    panic = type("PanicException", (BaseException,), {})

    def panicking(_: bytes) -> None:
        raise panic

    monkeypatch.setattr(fitfast, "parse", panicking)
    (found,) = decode_fit(RIDE, RECEIVED)
    assert found.payload_sha256 == WHOLE.payload_sha256


def test_an_interrupt_is_no_panic(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: bytes) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(fitfast, "parse", interrupted)
    with pytest.raises(KeyboardInterrupt):
        decode_fit(RIDE, RECEIVED)


def test_unknown_field_types_never_reach_the_fast_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_: bytes) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(fitfast, "parse", never)
    at = RIDE.index(bytes((253, 4, 0x86)))
    assert attempt(fit.sealed(RIDE[14 : at + 2] + b"\x1f" + RIDE[at + 3 : -2]))


SEEDS = [
    RIDE[:3000],
    fit.pool_swim(START, 5),
    fit.developer_heart_rate(START, range(100, 120)),
    fit.compressed_timestamps(START, range(100, 120)),
]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(SEEDS),
    st.lists(
        st.tuples(st.integers(0, 2999), st.binary(max_size=4), st.integers(0, 6)), min_size=1, max_size=12
    ),
    st.booleans(),
)
def test_mutations_never_raise(seed: bytes, edits: list[tuple[int, bytes, int]], sealed: bool) -> None:
    data = bytearray(seed)
    for at, put, drop in edits:
        data[at % max(len(data), 1) : at % max(len(data), 1) + drop] = put
    attempt(fit.sealed(bytes(data[14:])) if sealed else bytes(data))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.booleans())
def test_random_bytes_never_raise(data: bytes, sealed: bool) -> None:
    attempt(fit.sealed(data) if sealed else data)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_random_uploads_are_refused(tmp_path: Path, data: bytes) -> None:
    found = decode_one(tmp_path, data)
    assert found.recordings == ()
    assert found.refusal is not None
