"""Preferences over the wire."""

from typing import Literal

from pydantic import ConfigDict, Field

from rowhouse.kernel.http.envelope import Payload, View
from rowhouse.kernel.onboarding.fields import TimeZone


class PreferencesEdit(Payload):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"units": "metric", "timezone": "Europe/Zurich"}]}
    )

    units: Literal["metric", "imperial"]
    timezone: TimeZone | None = Field(description="IANA name of home; null: as the organization has it")


class PreferencesView(View):
    units: Literal["metric", "imperial"] = Field(description="as the organization has them until one says")
    timezone: str | None = Field(
        description="IANA name of home: what names no place is told by it; null: as the organization has it"
    )
    organization_timezone: str | None = Field(description="null where the organization has set none")
