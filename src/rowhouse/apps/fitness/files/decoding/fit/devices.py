"""Who wrote a FIT file: maker, product and serial, from `file_id`, else from the creator's `device_info`."""

import re
from contextlib import suppress
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


def identity_of(origin: Origin) -> dict[str, Any]:
    """Fields of `file_id` and `device_info` that `origin` reads as this origin's device."""
    maker = origin.manufacturer or "development"
    word = next((word for word, name in _MAKERS.items() if name == maker), maker)
    fields: dict[str, Any] = {"manufacturer": word if word in _makers() else "development"}
    number = _garmin_numbers().get(origin.product or "") if maker == "garmin" else None
    if number is not None:
        fields["product"] = number
    elif origin.product:
        known = fields["manufacturer"] != "development"
        fields["product_name"] = (
            origin.product if known else f"{origin.manufacturer or ''} {origin.product}".strip()
        )
    if origin.serial and origin.serial.isdecimal():
        fields["serial_number"] = int(origin.serial)
    with suppress(ValueError):
        fields["software_version"] = float(origin.software or "")
    return fields


def _is_creator(message: Message) -> bool:
    return message.get("device_index") in ("creator", 0)


def _product(maker: str | None, file_id: Message, creator: Message) -> str | None:
    named = file_id.get("product_name") or creator.get("product_name")
    if isinstance(named, str) and named.strip("\0 "):
        plain = named.strip("\0 ")
        return re.sub(rf"^{re.escape(maker or '')}\s+", "", plain, flags=re.IGNORECASE)[:100] or plain[:100]
    number = file_id.get("product")
    if maker == "garmin" and isinstance(number, int):
        return _garmin_products().get(number)
    return None


@cache
def _garmin_products() -> dict[int, str]:
    return {number: _readable(word) for number, word in _words("garmin_product").items()}


@cache
def _garmin_numbers() -> dict[str, int]:
    return {product: number for number, product in _garmin_products().items()}


@cache
def _makers() -> frozenset[str]:
    return frozenset(_words("manufacturer").values())


def _words(kind: str) -> dict[int, str]:
    # Imported late: the profile takes 0.14 s to load and most processes never need it.
    from garmin_fit_sdk import Profile

    types: dict[str, Any] = Profile["types"]
    return {int(number): str(word) for number, word in types[kind].items()}


def _readable(word: str) -> str:
    return _WORD_AND_NUMBER.sub("_", _FORERUNNER.sub("forerunner_", word))


def _word(value: Any) -> str | None:
    return value if isinstance(value, str) else None
