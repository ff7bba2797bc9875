"""Why a file gives no recording: stable codes and sentences that tell the user what to do."""

from collections.abc import Mapping
from dataclasses import dataclass

REFUSALS: Mapping[str, str] = {
    "empty_file": "The file is empty. Export it again from the device or the app.",
    "not_an_activity": "The file holds no activity (settings, a course, a workout plan, waypoints or the like). "
    "Upload the activity file instead.",
    "unsupported_format": "This is none of FIT, TCX, GPX, an Apple Health export, or a ZIP of these. "
    "Export the activity in one of these formats.",
    "measurements_unreadable": "Some measurements of the body have no time, no number or an unknown unit, and were left "
    "out. All others are in.",
    "no_samples": "The activity holds neither samples with a time nor a summary. Export it with its times.",
    "truncated": "The file breaks off before anything readable. Copy or download it again.",
    "corrupt": "The file is damaged and nothing in it could be read. Copy or download it again.",
    "too_large": "The file is larger than its format allows here. Split it, or upload the original of the device.",
    "zip_bomb": "The archive unpacks to far more than it should. Unpack it yourself and upload the files.",
    "path_traversal": "The archive names a file outside of itself. Unpack it yourself and upload the files.",
    "symlink": "The archive holds a link instead of a file. Upload the file itself.",
    "bad_name": "The file's name in the archive holds control characters. Rename it and upload it again.",
    "encrypted": "The file is protected by a password. Unpack it yourself and upload the files.",
    "nested_too_deep": "The archive holds archives in archives. Unpack the inner ones and upload them.",
    "too_many_members": "The archive holds too many files. Upload it in parts.",
    "xml_entities": "The file declares its own XML entities, which no activity needs. Export it again.",
}
"""Code → sentence. Codes are stable: they are stored with the upload and documented in the API."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """`code` is a key of `REFUSALS`; `detail` its sentence, with what was found where that helps."""

    code: str
    detail: str


class RefusedError(Exception):
    """Raised inside of the decoders to give up a member; `decode` answers it as a `Refusal`."""

    def __init__(self, code: str, found: str = "") -> None:
        super().__init__(code)
        self.refusal = Refusal(code, f"{REFUSALS[code]} ({found})" if found else REFUSALS[code])
