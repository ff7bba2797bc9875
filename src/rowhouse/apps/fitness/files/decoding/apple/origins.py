"""Who measured what stands in an Apple export."""

import re
from collections.abc import Mapping

from rowhouse.apps.fitness.recordings.recording import Origin

_DEVICE = re.compile(r"(manufacturer|name|hardware|model):([^,>]+(?:,\d+)?)")


def origin_of(said: Mapping[str, str]) -> Origin:
    """HealthKit is who tells; the device is who measured; the app or watch that wrote it is its software."""
    device = dict(_DEVICE.findall(said.get("device", "")[:1000]))
    source = said.get("sourceName", "")[:100] or None
    maker = device.get("manufacturer", "").removesuffix(" Inc.").strip() or None
    product = (device.get("hardware") or device.get("model") or device.get("name") or "").strip() or None
    return Origin("healthkit", maker, product, software=source)
