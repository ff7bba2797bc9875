"""Asking for a mail to be sent."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.jobs.service import enqueue
from rowhouse.kernel.mail.jobs import SEND_MAIL
from rowhouse.kernel.mail.message import to_address
from rowhouse.kernel.mail.templates import TemplateName, render


async def send_mail(ctx: Ctx, email: str, template: TemplateName, values: Mapping[str, Any]) -> UUID:
    """Sends the mail if and only if the caller's transaction commits; returns the id of its job.

    Works before sign-in too. `values` are JSON; the template, the address and the values are tried here, so that a
    mistake fails the request and not the job. What is good for so many `minutes` is not sent any later.
    """
    to_address(email)
    render(template, {**values, "public_url": ctx.platform.settings.public_url})
    sealed = ctx.platform.sealer.seal({"email": email, "values": dict(values)})
    return await enqueue(ctx, SEND_MAIL, {"template": template, "sealed": sealed})
