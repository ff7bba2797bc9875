"""Sending as a job: whatever the mail says is sealed in the job's row and opened only to be delivered."""

import asyncio
from email.message import EmailMessage
from typing import TYPE_CHECKING
from uuid import UUID

from rowhouse.kernel.mail.delivery import send_smtp, write_eml
from rowhouse.kernel.mail.errors import MailUnavailable
from rowhouse.kernel.mail.message import compose
from rowhouse.kernel.mail.templates import render
from rowhouse.kernel.observability.tracing import span
from rowhouse.kernel.queue.kinds import JobKind
from rowhouse.kernel.settings import Settings

if TYPE_CHECKING:  # contexts stand on the registry, which stands on jobs
    from rowhouse.kernel.jobs.run import JobRun


async def deliver_mail(run: "JobRun") -> None:
    """Delivers outside any transaction. A crash right after the delivery sends it again, with the same Message-ID."""
    settings = run.platform.settings
    mail = run.platform.sealer.open_mapping(run.arguments["sealed"])
    content = render(run.arguments["template"], {**mail["values"], "public_url": settings.public_url})
    message = compose(run.job_id, settings.mail_from, mail["email"], content)
    with span("send mail", {"template": run.arguments["template"]}):
        await _hand_over(settings, run.job_id, message)


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
