"""What a ZIP says of a member, judged before it is opened."""

import re
import stat
from zipfile import ZipInfo

from rowhouse.apps.fitness.files.decoding import limits
from rowhouse.apps.fitness.files.decoding.refusals import RefusedError

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, line separators and marks that turn the direction of writing."""

_JUNK = re.compile(r"(^|/)(__MACOSX/|\._|\.DS_Store$|Thumbs\.db$)")


def is_junk(name: str) -> bool:
    """Whether a file system left it behind (resource forks of macOS, thumbnails)."""
    return _JUNK.search(name) is not None


def shown(name: str) -> str:
    """`name` without control and direction characters, at most `limits.NAME_LENGTH` long."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", name)[-limits.NAME_LENGTH :]


def check_entry(entry: ZipInfo) -> None:
    """Raises RefusedError for a member that must not be opened: bad_name, path_traversal, symlink, encrypted,
    zip_bomb."""
    # orig_filename is the name before zipfile cuts it at a NUL byte.
    if _CONTROL.search(entry.orig_filename):
        raise RefusedError("bad_name")
    path = entry.filename.replace("\\", "/")
    if path.startswith("/") or re.match(r"^[A-Za-z]:", path) or ".." in path.split("/"):
        raise RefusedError("path_traversal")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise RefusedError("symlink")
    if entry.flag_bits & 1:
        raise RefusedError("encrypted")
    if entry.file_size > max(limits.RATIO_FROM_BYTES, limits.RATIO * entry.compress_size):
        raise RefusedError("zip_bomb")
