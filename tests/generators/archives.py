"""ZIP archives, good and evil."""

import io
import stat
import zipfile
from collections.abc import Mapping


def zip_of(members: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive with these members, whatever their names are."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo("placeholder", date_time=(2025, 1, 1, 0, 0, 0))
            info.filename = name  # the constructor would tidy it
            info.compress_type = compression
            archive.writestr(info, data)
    return buffer.getvalue()


def zip_with_link(name: str, target: str, members: Mapping[str, bytes]) -> bytes:
    """An archive with a symbolic link among its members."""
    buffer = io.BytesIO(zip_of(members))
    with zipfile.ZipFile(buffer, "a") as archive:
        info = zipfile.ZipInfo(name)
        info.create_system = 3
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, target)
    return buffer.getvalue()


def encrypted(data: bytes) -> bytes:
    """The archive with every member marked as encrypted."""
    result = bytearray(data)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = result.find(signature)
        while at >= 0:
            result[at + offset] |= 1
            at = result.find(signature, at + 4)
    return bytes(result)
