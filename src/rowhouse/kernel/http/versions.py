"""Versions of what people edit, as strong `ETag`s: `"3"`."""

from typing import Annotated

from fastapi import Header, Response

from rowhouse.kernel.errors import PreconditionFailed

IfMatch = Annotated[str | None, Header(description='the `ETag` of the version you changed, such as `"3"`')]
LONGEST_DIGITS = 9


def tell_version(response: Response, version: int) -> None:
    response.headers["ETag"] = f'"{version}"'


def version_of(if_match: str | None) -> int | None:
    """The version that a caller changed; None where they don't say. Raises `PreconditionFailed` for what was never an
    `ETag` of ours. A weak one counts: a proxy that compresses makes strong ones weak."""
    if if_match is None or if_match == "*":
        return None
    digits = if_match.removeprefix("W/").strip('"')
    if not digits.isdecimal() or len(digits) > LONGEST_DIGITS:
        raise PreconditionFailed
    return int(digits)
