"""The cookie by which a browser is known again to its people: an id and our signature, nothing about anybody."""

from uuid import UUID

from rowhouse.kernel.secrets.sealing import Sealer

DEVICE_COOKIE = "__Host-rowhouse_device"
PURPOSE = "device"
LIFE_S = 400 * 24 * 3600
"""The longest that browsers keep a cookie."""


def write_device(sealer: Sealer, device_id: UUID) -> str:
    return f"{device_id.hex}.{sealer.digest(PURPOSE, device_id.bytes)}"


def device_id_of(sealer: Sealer, cookie: str | None) -> UUID | None:
    """The id in a cookie of ours; None for no cookie and for one that we did not write."""
    name, _, signature = (cookie or "").partition(".")
    try:
        device_id = UUID(hex=name)
    except ValueError:
        return None
    return device_id if sealer.matches(PURPOSE, device_id.bytes, signature) else None
