"""Telling somebody that their work in the background was given up."""

from collections.abc import Mapping

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.notices.kernel_kinds import JOB_FAILED
from rowhouse.kernel.notices.posting import Told, post

LONGEST = 300


async def tell_of_failure(ctx: Ctx, failure: str, error: Mapping[str, str]) -> None:
    text = f"Something that you started was given up. {error['detail'][:LONGEST]}"
    await post(ctx, JOB_FAILED, [ctx.account], Told(text, "/jobs", failure))
