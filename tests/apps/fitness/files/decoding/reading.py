"""Ways for tests to have bytes decoded as an upload."""

from pathlib import Path

from rowhouse.apps.fitness.files.decoding.decode import Decoded, decode, open_members
from rowhouse.apps.fitness.recordings.recording import Recording
from tests.generators.activities import RECEIVED


def decode_all(folder: Path, data: bytes, name: str = "upload") -> dict[str, Decoded]:
    """Member name → what came of it."""
    path = folder / "file"
    path.write_bytes(data)
    with open_members(path, name) as members:
        return {m.name: decode(m, received_at=RECEIVED) for m in members}


def decode_one(folder: Path, data: bytes, name: str = "upload") -> Decoded:
    """What came of the only member."""
    (found,) = decode_all(folder, data, name).values()
    return found


def only(folder: Path, data: bytes) -> Recording:
    """The only recording of the only member."""
    found = decode_one(folder, data)
    assert found.refusal is None, found.refusal
    (recording,) = found.recordings
    return recording


def refusal(folder: Path, data: bytes, name: str = "upload") -> str:
    """The code that the only member is refused with."""
    found = decode_one(folder, data, name)
    assert found.recordings == ()
    assert found.refusal is not None
    assert found.refusal.detail
    return found.refusal.code
