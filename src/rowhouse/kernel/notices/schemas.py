"""Notices over the wire."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from pydantic import Field

from rowhouse.kernel.http.envelope import Payload, View
from rowhouse.kernel.notices.repository import COUNTED

if TYPE_CHECKING:
    from rowhouse.kernel.notices.choices import Choice
    from rowhouse.kernel.notices.models import Notice
    from rowhouse.kernel.registry import Registry


class NoticeView(View):
    id: UUID
    kind: str = Field(examples=["kernel.export_ready"])
    title: str = Field(description="what its kind is called")
    text: str
    href: str = Field(description="the page that shows it", examples=["/settings/privacy"])
    read_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, notice: "Notice", registry: "Registry") -> "NoticeView":
        kind = registry.notices.get(notice.kind)
        return cls(
            id=notice.id,
            kind=notice.kind,
            title=kind.title if kind else notice.kind,
            text=notice.text,
            href=notice.href,
            read_at=notice.read_at,
            created_at=notice.created_at,
        )


class UnreadView(View):
    unread: int = Field(description=f"at most {COUNTED}, which stands for that or more")


class SeenRequest(Payload):
    up_to: UUID | None = Field(None, description="the newest notice that was seen; all without it")


class PreferenceView(View):
    """How this person is told of one kind of thing, in all their organizations."""

    kind: str
    title: str
    meaning: str
    in_app: bool
    mail: bool
    always: bool = Field(description="it can't be switched off")

    @classmethod
    def of(cls, choice: "Choice") -> "PreferenceView":
        kind = choice.kind
        return cls(
            kind=kind.name,
            title=kind.title,
            meaning=kind.meaning,
            in_app=choice.shown,
            mail=choice.mailed,
            always=kind.always,
        )


class PreferenceRequest(Payload):
    in_app: bool
    mail: bool
