"""While Redis is away: counters of this process alone, and the alarm."""

import time
from collections import OrderedDict

import structlog

log = structlog.get_logger(__name__)

SUBJECTS_KEPT = 10_000
ALARM_EVERY_S = 60.0


class LocalCounters:
    """Windows in memory. The oldest subject makes room for a new one, so that memory is bounded."""

    def __init__(self) -> None:
        self._windows: OrderedDict[str, list[float]] = OrderedDict()

    def count(self, key: str, window_s: int, *, add: bool) -> tuple[int, int]:
        """How often the key was counted in its window, and the seconds that it still lasts."""
        moment = time.monotonic()
        window = self._windows.get(key)
        if window is None or window[1] <= moment:
            window = [0, moment + window_s]
            self._windows.pop(key, None)
            self._windows[key] = window
            if len(self._windows) > SUBJECTS_KEPT:
                self._windows.popitem(last=False)
        window[0] += add
        return int(window[0]), max(1, -(-int((window[1] - moment) * 1000) // 1000))


class Alarm:
    """One line a minute as long as something is away, not one a request."""

    def __init__(self) -> None:
        self._silent_until = 0.0

    def raise_for(self, error: BaseException) -> None:
        moment = time.monotonic()
        if moment < self._silent_until:
            return
        self._silent_until = moment + ALARM_EVERY_S
        log.error("limits_degraded", error=type(error).__name__)


LOCAL = LocalCounters()
note_away = Alarm().raise_for
