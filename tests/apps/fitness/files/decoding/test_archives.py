"""Uploads that are archives: opened within bounds, hostile members refused by name, the others unharmed."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rowhouse.apps.fitness.files.decoding import limits
from rowhouse.apps.fitness.files.decoding.decode import decode, open_members
from rowhouse.apps.fitness.files.decoding.entries import shown
from rowhouse.apps.fitness.files.decoding.formats import Format, sniff
from rowhouse.apps.fitness.files.decoding.refusals import REFUSALS
from tests.apps.fitness.files.decoding.reading import decode_all, decode_one, refusal
from tests.generators import fit, xml
from tests.generators.activities import RECEIVED, activity
from tests.generators.archives import encrypted, zip_of, zip_with_link

RIDE = fit.fit_file(activity(60))
TRACK = xml.gpx_file(activity(30, seed=2)).encode()
LAPS = xml.tcx_file(activity(30, seed=3)).encode()


def codes(folder: Path, data: bytes) -> dict[str, str | None]:
    """Member → its refusal's code, None for a good one."""
    return {n: d.refusal.code if d.refusal else None for n, d in decode_all(folder, data, "a.zip").items()}


def test_formats_are_told_by_content() -> None:
    assert sniff(RIDE) is Format.FIT
    assert sniff(TRACK) is Format.GPX
    assert sniff(LAPS) is Format.TCX
    assert sniff(b"   \n" + LAPS) is Format.TCX
    assert sniff(b"\xef\xbb\xbf" + TRACK) is Format.GPX
    assert sniff(TRACK.decode().replace("UTF-8", "UTF-16").encode("utf-16")) is Format.GPX
    assert sniff(b"<!-- <gpx> --><other/>") is Format.UNKNOWN
    assert sniff(b"PK\x05\x06" + bytes(18)) is Format.ZIP
    assert sniff(b"\x89PNG") is Format.UNKNOWN
    assert sniff(b"") is Format.EMPTY


def test_a_strava_archive(tmp_path: Path) -> None:
    data = zip_of(
        {
            "activities/1.fit.gz": gzip.compress(RIDE),
            "activities/2.gpx.gz": gzip.compress(TRACK),
            "activities/3.tcx.gz": gzip.compress(b"          " + LAPS),
            "activities/4.gpx": TRACK,
            "activities.csv": b"Activity ID,Activity Date\n",
            "media/photo.jpg": b"\xff\xd8\xff\xe0",
            "__MACOSX/activities/._1.fit.gz": b"\0\x05\x16\x07",
            "activities/": b"",
        }
    )
    path = tmp_path / "file"
    path.write_bytes(data)
    with open_members(path, "export.zip") as members:
        found = {m.name: decode(m, received_at=RECEIVED) for m in members}
        assert members.skipped == 4
    assert list(found) == [
        f"export.zip/activities/{n}" for n in ("1.fit.gz", "2.gpx.gz", "3.tcx.gz", "4.gpx")
    ]
    assert all(len(d.recordings) == 1 and d.refusal is None for d in found.values())


def test_a_garmin_export_has_archives_in_it(tmp_path: Path) -> None:
    inner = zip_of({"a.fit": RIDE, "b.fit": fit.other_file("settings", activity(1))})
    data = zip_of({"DI_CONNECT/UploadedFiles_0-_Part1.zip": inner, "DI_CONNECT/profile.json": b"{}"})
    prefix = "a.zip/DI_CONNECT/UploadedFiles_0-_Part1.zip"
    assert codes(tmp_path, data) == {f"{prefix}/a.fit": None, f"{prefix}/b.fit": "not_an_activity"}


def test_archives_in_archives_in_archives_are_refused(tmp_path: Path) -> None:
    deep = zip_of({"1.zip": zip_of({"2.zip": zip_of({"a.fit": RIDE})}), "b.fit": RIDE})
    assert codes(tmp_path, deep) == {"a.zip/1.zip/2.zip": "nested_too_deep", "a.zip/b.fit": None}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../../etc/cron.d/x.fit", "path_traversal"),
        ("activities/../../x.fit", "path_traversal"),
        ("/etc/x.fit", "path_traversal"),
        ("C:\\windows\\x.fit", "path_traversal"),
        ("..\\x.fit", "path_traversal"),
        ("a\nb.fit", "bad_name"),
        ("a\x1b[31m.fit", "bad_name"),
        ("a\x00b.fit", "bad_name"),
        ("a\u202etif.fit", "bad_name"),
    ],
)
def test_a_hostile_name_is_refused_and_shown_harmlessly(tmp_path: Path, name: str, code: str) -> None:
    found = codes(tmp_path, zip_of({"good.fit": RIDE, name: RIDE}))
    bad = next(n for n, c in found.items() if c)
    assert found == {"a.zip/good.fit": None, bad: code}
    assert bad.isprintable()


def test_shown_names_are_short() -> None:
    assert len(shown("x" * 10_000)) == limits.NAME_LENGTH


def test_links_and_passwords_are_refused(tmp_path: Path) -> None:
    linked = zip_with_link("link.fit", "/etc/passwd", {"good.fit": RIDE})
    assert codes(tmp_path, linked) == {"a.zip/good.fit": None, "a.zip/link.fit": "symlink"}
    assert codes(tmp_path, encrypted(zip_of({"x.fit": RIDE}))) == {"a.zip/x.fit": "encrypted"}


def test_a_bomb_is_refused_and_its_neighbours_are_not(tmp_path: Path) -> None:
    bomb = b"<gpx>" + b" " * (40 * limits.MIB)
    found = codes(tmp_path, zip_of({"bomb.gpx": bomb, "good.fit": RIDE}))
    assert found == {"a.zip/bomb.gpx": "zip_bomb", "a.zip/good.fit": None}


def test_a_bomb_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    # Declared sizes say nothing about gzip: the bytes that come out are counted.
    bomb = gzip.compress(b"<gpx>" + b" " * (40 * limits.MIB))
    assert refusal(tmp_path, bomb) == "zip_bomb"
    assert codes(tmp_path, zip_of({"x.gpx.gz": bomb}, zipfile.ZIP_STORED)) == {"a.zip/x.gpx.gz": "zip_bomb"}


def test_an_archive_as_a_whole_has_a_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ARCHIVE_BYTES", len(RIDE) * 3)
    found = codes(tmp_path, zip_of({f"{i}.fit": RIDE for i in range(6)}))
    assert next(iter(found.values())) is None
    assert list(found.values())[-1] == "zip_bomb"


def test_too_many_members_are_refused_before_they_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ARCHIVE_MEMBERS", 5)
    assert codes(tmp_path, zip_of({f"{i}.fit": RIDE for i in range(6)})) == {"a.zip": "too_many_members"}


def test_too_many_archives_within_one_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "NESTED_ARCHIVES", 1)
    inner = zip_of({"a.fit": RIDE})
    found = codes(tmp_path, zip_of({"1.zip": inner, "2.zip": inner}))
    assert found == {"a.zip/1.zip/a.fit": None, "a.zip/2.zip": "too_many_members"}


def test_nested_archives_have_a_budget_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "NESTED_BYTES", 1000)
    assert codes(tmp_path, zip_of({"1.zip": zip_of({"a.fit": RIDE})})) == {"a.zip/1.zip": "zip_bomb"}


def test_a_huge_table_of_contents_is_refused(tmp_path: Path) -> None:
    data = bytearray(zip_of({"a.fit": RIDE}))
    at = data.rfind(b"PK\x05\x06")
    data[at + 12 : at + 16] = (2**31).to_bytes(4, "little")
    assert codes(tmp_path, bytes(data)) == {"a.zip": "too_many_members"}


def test_a_cut_archive_is_refused(tmp_path: Path) -> None:
    assert codes(tmp_path, zip_of({"a.fit": RIDE})[:-30]) == {"a.zip": "truncated"}


def test_a_damaged_member_keeps_what_came_before_the_damage(tmp_path: Path) -> None:
    packed = gzip.compress(RIDE)
    found = decode_one(tmp_path, packed[: len(packed) * 3 // 4])
    assert len(found.recordings) == 1
    assert "truncated" in found.recordings[0].flags


def test_a_file_beyond_its_formats_size_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.FORMAT_BYTES, Format.FIT, 1000)
    assert refusal(tmp_path, RIDE) == "too_large"


@pytest.mark.parametrize("data", [b"hello", b"\x89PNG\r\n", b"<html></html>", b"{}", b"%PDF-1.7"])
def test_other_formats_are_refused(tmp_path: Path, data: bytes) -> None:
    assert refusal(tmp_path, data, "x.fit") == "unsupported_format"


def test_gzip_in_gzip_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, gzip.compress(gzip.compress(RIDE))) == "nested_too_deep"


def test_empty_members_are_refused_by_name(tmp_path: Path) -> None:
    assert codes(tmp_path, zip_of({"a.fit": b"", "notes.txt": b""})) == {"a.zip/a.fit": "empty_file"}


def test_an_empty_archive_has_no_members(tmp_path: Path) -> None:
    assert decode_all(tmp_path, zip_of({})) == {}


def test_members_can_be_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(zip_of({"a.fit": RIDE, "b.gpx": TRACK}))
    with open_members(path, "a.zip") as members:
        listed = list(members)
        twice = [
            [decode(m, received_at=RECEIVED).recordings[0].payload_sha256 for m in listed] for _ in range(2)
        ]
    assert twice[0] == twice[1]


def test_every_refusal_says_what_to_do() -> None:
    assert all(sentence.endswith(".") and len(sentence) > 40 for sentence in REFUSALS.values())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(0, 5000), st.binary(max_size=6), st.integers(0, 8)), min_size=1, max_size=8
    )
)
def test_mutated_archives_never_raise(tmp_path: Path, edits: list[tuple[int, bytes, int]]) -> None:
    data = bytearray(
        zip_of({"a.fit": RIDE[:900], "b.gpx.gz": gzip.compress(TRACK), "c.zip": zip_of({"d.tcx": LAPS})})
    )
    for at, put, drop in edits:
        data[at % len(data) : at % len(data) + drop] = put
    codes(tmp_path, bytes(data))


def test_an_archive_with_zip64_records_is_read(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, archive.open("a.fit", "w", force_zip64=True) as member:
        member.write(RIDE)
    assert codes(tmp_path, buffer.getvalue()) == {"a.zip/a.fit": None}
