"""The bounds of decoding: sizes, counts, ratios and depths; every one has a refusal."""

from collections.abc import Mapping

from rowhouse.apps.fitness.files.decoding.formats import Format

MIB = 1024 * 1024

FORMAT_BYTES: Mapping[Format, int] = {
    Format.FIT: 32 * MIB,
    Format.TCX: 128 * MIB,
    Format.GPX: 128 * MIB,
    Format.APPLE_HEALTH: 16 * 1024 * MIB,
}
"""Uncompressed bytes of one file. FIT: a year of seconds; Apple's exports are streamed, so only time is bounded."""

ARCHIVE_BYTES = 64 * 1024 * MIB
"""Uncompressed bytes read from one archive in all."""

NESTED_ARCHIVE_BYTES = 2 * 1024 * MIB
NESTED_ARCHIVES = 200
NESTED_BYTES = 16 * 1024 * MIB
"""Archives within an archive (Garmin's export) are unpacked to disk: bytes of each, their number, bytes in all."""

ARCHIVE_MEMBERS = 100_000
DIRECTORY_BYTES = 64 * MIB
"""The table of contents of a ZIP, which is read into memory."""

RATIO = 250
RATIO_FROM_BYTES = 8 * MIB
"""Text deflates to a fiftieth at best; beyond `RATIO` (once this much came out) it is a bomb."""

ARCHIVE_DEPTH = 2
"""An archive and the archives in it."""

FIT_MESSAGES = 1_000_000
FIT_FIELDS = 12_000_000
"""A FIT file's messages and values, which decoding holds in memory (about 60 bytes a value)."""

FIT_SEGMENTS = 1_000
FIT_SESSIONS = 200
"""Files chained in one; sessions of one of them."""

TRACK_POINTS = 2_000_000
WORKOUTS = 100_000
"""Points of one TCX or GPX file; workouts of one Apple export."""

BODY_SAMPLES_A_DAY = 100_000
"""Records of the body of one day (a sample a second), which are in memory at a time."""

NAME_LENGTH = 255
