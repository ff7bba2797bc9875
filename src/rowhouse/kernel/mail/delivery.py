"""Handing a mail over: into a folder in development, to an SMTP server otherwise. Blocking; run in a thread.

`smtp_url` is `smtp://user:password@host:587` (STARTTLS, required), `smtps://…:465` (TLS from the first byte) or
`smtp+plain://host:25` for a relay on the same machine.
"""

import os
import smtplib
import ssl
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit
from uuid import UUID

from rowhouse.kernel.mail.errors import MailRefused, MailUnavailable
from rowhouse.kernel.mail.message import asked_at

TIMEOUT_S = 20
PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}


def write_eml(folder: Path, job_id: UUID, message: EmailMessage) -> Path:
    """Writes `<time>-<job>.eml`, whole or not at all; the names sort by time, and the same job has the same name."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{asked_at(job_id):%Y%m%dT%H%M%S.%fZ}-{job_id}.eml"
    partial = folder / f".{name}.{os.getpid()}"
    try:
        partial.write_bytes(message.as_bytes())
        return partial.replace(folder / name)
    finally:
        partial.unlink(missing_ok=True)


def send_smtp(url: str, message: EmailMessage) -> None:
    """Raises `MailRefused` when trying again is pointless, `MailUnavailable` when it isn't."""
    server = urlsplit(url)
    try:
        with _connect(server) as smtp:
            if server.scheme == "smtp":
                smtp.starttls(context=ssl.create_default_context())
            if server.username:
                smtp.login(unquote(server.username), unquote(server.password or ""))
            smtp.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        raise _refusal(max(code for code, _ in error.recipients.values())) from error
    except smtplib.SMTPResponseException as error:
        # A refused sign-in is the operator's to mend, so the mail waits for it.
        refused = not isinstance(error, smtplib.SMTPAuthenticationError) and error.smtp_code >= 500
        raise _refusal(error.smtp_code if refused else 0) from error
    except (smtplib.SMTPException, OSError) as error:
        raise MailUnavailable from error


def _connect(server: SplitResult) -> smtplib.SMTP:
    host, port = server.hostname or "", server.port or PORTS[server.scheme]
    if server.scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=ssl.create_default_context())
    return smtplib.SMTP(host, port, timeout=TIMEOUT_S)


def _refusal(code: int) -> MailRefused | MailUnavailable:
    return MailRefused() if code >= 500 else MailUnavailable()
