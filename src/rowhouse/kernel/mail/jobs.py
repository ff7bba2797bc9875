"""Sending as a job: whatever the mail says is sealed in the job's row and opened only to be delivered.

While the mail server is away a mail is tried for a day, later and later, and then as often as any job. One that says
how many `minutes` its code or link is good for is not sent once they are over.
"""

import asyncio
import random
from collections.abc import Mapping
from datetime import timedelta
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any
from uuid import UUID

from rowhouse.kernel.jobs.errors import TryLater
from rowhouse.kernel.mail.delivery import send_smtp, write_eml
from rowhouse.kernel.mail.errors import MailExpired, MailUnavailable
from rowhouse.kernel.mail.message import asked_at, compose
from rowhouse.kernel.mail.templates import render
from rowhouse.kernel.observability.tracing import span
from rowhouse.kernel.queue.kinds import JobKind
from rowhouse.kernel.settings import Settings
from rowhouse.kit.time import now

if TYPE_CHECKING:  # contexts stand on the registry, which stands on jobs
    from rowhouse.kernel.jobs.run import JobRun

TRIED_FOR = timedelta(days=1)
FIRST_PAUSE_S = 10.0
LONGEST_PAUSE_S = 3600.0


async def deliver_mail(run: "JobRun") -> None:
    """Delivers outside any transaction. A crash right after the delivery sends it again, with the same Message-ID."""
    settings = run.platform.settings
    mail = run.platform.sealer.open_mapping(run.arguments["sealed"])
    age = now() - asked_at(run.job_id)
    if _is_over(mail["values"], age):
        raise MailExpired
    content = render(run.arguments["template"], {**mail["values"], "public_url": settings.public_url})
    message = compose(run.job_id, settings.mail_from, mail["email"], content)
    with span("send mail", {"template": run.arguments["template"]}):
        try:
            await _hand_over(settings, run.job_id, message)
        except MailUnavailable as error:
            if age >= TRIED_FOR:
                raise
            raise TryLater(pause_s(age)) from error


def pause_s(age: timedelta) -> float:
    """Half as long as the mail has waited already, from 10 s to an hour, a quarter more or less."""
    usual = min(max(age.total_seconds() / 2, FIRST_PAUSE_S), LONGEST_PAUSE_S)
    return usual * random.uniform(0.75, 1.25)  # noqa: S311 - spreads load, hides nothing


def _is_over(values: Mapping[str, Any], age: timedelta) -> bool:
    return "minutes" in values and age >= timedelta(minutes=values["minutes"])


async def _hand_over(settings: Settings, job_id: UUID, message: EmailMessage) -> None:
    if settings.mail_dir is not None:
        await asyncio.to_thread(write_eml, settings.mail_dir, job_id, message)
    elif settings.smtp_url is not None:
        await asyncio.to_thread(send_smtp, settings.smtp_url.get_secret_value(), message)
    else:
        raise MailUnavailable("Neither ROWHOUSE_SMTP_URL nor ROWHOUSE_MAIL_DIR is set.")


SEND_MAIL = JobKind(
    "kernel.send_mail",
    deliver_mail,
    queue="critical",
    time_limit_s=60,
    max_attempts=10,
    internal=True,
    halts=False,
)
