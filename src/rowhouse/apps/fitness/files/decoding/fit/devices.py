"""Who wrote a FIT file: maker, product and serial, from `file_id`, else from the creator's `device_info`."""

import re
from datetime import UTC, datetime
from functools import cache
from typing import Any

from rowhouse.apps.fitness.files.decoding.fit.messages import Decoded, Message, real
from rowhouse.apps.fitness.recordings.cleaning import ERA
from rowhouse.apps.fitness.recordings.recording import Origin

_PROVIDERS = {
    "garmin": "garmin",
    "polar_electro": "polar",
    "strava": "strava",
    "withings": "withings",
    "whoop": "whoop",
}
_MAKERS = {
    "polar_electro": "polar",
    "wahoo_fitness": "wahoo",
    "development": None,
    "dynastream": "dynastream",
}
_NO_SERIALS = (0, 0xFFFFFFFF, 0x7FFFFFFF)
_FORERUNNER = re.compile(r"^fr(?=\d)")
_WORD_AND_NUMBER = re.compile(r"(?<=[a-z]{3})(?=\d)")


def origin(decoded: Decoded) -> Origin:
    """The recording device; `provider` is its maker where that is one of the ranked providers, else `file`."""
    file_id = decoded.first("file_id")
    creator = next((m for m in decoded.messages.get("device_info", ()) if _is_creator(m)), {})
    maker = _word(file_id.get("manufacturer")) or _word(creator.get("manufacturer"))
    serial = file_id.get("serial_number") or creator.get("serial_number")
    created = real(file_id.get("time_created"))
    version = creator.get("software_version")
    return Origin(
        provider=_PROVIDERS.get(maker or "", "file"),
        manufacturer=_MAKERS.get(maker, maker) if maker else None,
        product=_product(maker, file_id, creator),
        serial=str(serial) if isinstance(serial, int) and serial not in _NO_SERIALS else None,
        created_at=datetime.fromtimestamp(created, UTC)
        if created is not None and ERA[0] <= created <= ERA[1]
        else None,
        software=str(version) if isinstance(version, int | float) else None,
    )


def _is_creator(message: Message) -> bool:
    return message.get("device_index") in ("creator", 0)


def _product(maker: str | None, file_id: Message, creator: Message) -> str | None:
    named = file_id.get("product_name") or creator.get("product_name")
    if isinstance(named, str) and named.strip("\0 "):
        plain = named.strip("\0 ")
        return re.sub(rf"^{re.escape(maker or '')}\s+", "", plain, flags=re.IGNORECASE)[:100] or plain[:100]
    number = file_id.get("product")
    if maker == "garmin" and isinstance(number, int):
        word = _garmin_products().get(number)
        return _WORD_AND_NUMBER.sub("_", _FORERUNNER.sub("forerunner_", word)) if word else None
    return None


@cache
def _garmin_products() -> dict[int, str]:
    # Imported late: the profile takes 0.14 s to load and most processes never need it.
    from garmin_fit_sdk import Profile

    types: dict[str, Any] = Profile["types"]
    return {int(number): str(word) for number, word in types["garmin_product"].items()}


def _word(value: Any) -> str | None:
    return value if isinstance(value, str) else None
