"""Composing a mail. Headers are set through `email`'s structured policy, which refuses line breaks in them."""

from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr
from uuid import UUID

from rowhouse.kernel.mail.templates import Content


def compose(job_id: UUID, sender: str, recipient: str, content: Content) -> EmailMessage:
    """The mail of one job: composed again after a crash, it has the same id and the same date."""
    name, sender_address = parseaddr(sender)
    message = EmailMessage(policy=SMTP if recipient.isascii() else SMTPUTF8)
    message["From"] = Address(name, addr_spec=sender_address)
    message["To"] = to_address(recipient)
    message["Subject"] = content.subject
    message["Date"] = format_datetime(asked_at(job_id))
    message["Message-ID"] = f"<{job_id}@{sender_address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(content.text)
    message.add_alternative(content.html, subtype="html")
    return message


def to_address(email: str) -> Address:
    """Raises `ValueError` for what is not one address; nothing in it can become a header."""
    local, _, domain = email.rpartition("@")
    if not local or not domain:
        raise ValueError("an email address has a part before and a part after its @")
    if email.isascii():
        return Address(addr_spec=email)
    return Address(username=local, domain=domain)


def asked_at(job_id: UUID) -> datetime:
    """When the mail was asked for: the time in the job's UUIDv7, to the millisecond."""
    return datetime.fromtimestamp((job_id.int >> 80) / 1000, UTC)
