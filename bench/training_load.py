"""How long the figures of training load take; prints JSON.

Run as `python -m bench.training_load`.
"""

import json
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

from rowhouse.apps.fitness.load.curves import best_means
from rowhouse.apps.fitness.load.power import normalized
from rowhouse.apps.fitness.load.sampling import per_second, seconds_at
from rowhouse.apps.fitness.load.series import SERIES

ROUNDS = 15
DECADE_DAYS = 3653
RIDE_S = 4 * 3600


def run() -> dict[str, Any]:
    """Milliseconds (medians): every daily metric of a decade; what is kept of a ride of four hours."""
    random = np.random.default_rng(7)
    load = random.gamma(2.0, 40.0, DECADE_DAYS) * (random.random(DECADE_DAYS) < 0.7)
    time_s, watts = np.arange(float(RIDE_S)), random.gamma(4.0, 50.0, RIDE_S)
    return {
        "rounds": ROUNDS,
        "decade_ms": _median_ms(lambda: [of(load) for of in SERIES.values()]),
        "ride_s": RIDE_S,
        "ride_histogram_ms": _median_ms(lambda: seconds_at(time_s, watts, 1)),
        "ride_norm_ms": _median_ms(lambda: normalized(per_second(time_s, watts))),
        "ride_curve_ms": _median_ms(lambda: best_means(per_second(time_s, watts), gaps_are_zero=True)),
    }


def _median_ms(work: Callable[[], object]) -> float:
    work()
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - began))
    return round(median(taken), 2)


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
