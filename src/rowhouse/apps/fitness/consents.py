"""What fitness asks athletes' consent for."""

from rowhouse.kernel.privacy.consents import Purpose

HEALTH_DATA = Purpose(
    "fitness.health_data",
    "Health data",
    "Rowhouse stores and evaluates what your devices record about your body: heart rate, power, position, sleep."
    " When you withdraw your consent, nothing more is imported; what is here stays until you delete it.",
    version="2026-11-01",
    presumed=True,
)
