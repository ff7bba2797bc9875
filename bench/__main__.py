"""`make bench`: all measurements, or the named ones. Exit code 1 when a firm gate is missed.

Parts: speed and dashboard (Q1), walls_cost (Q2), matching (Q3), decoding, ingest and sync (Q4), training_load. Writes
`bench/results/<part>.json` and the table `bench/results/README.md`.
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from bench import dashboard, decoding, ingest, matching, sync, training_load, walls_cost
from bench.harness import Gate, Result, machine, save
from bench.speed import measure as speed


def measure_matching(scale: float) -> Result:
    figures: Mapping[str, Mapping[str, float]] = matching.run(scale)
    clean, adversarial = figures["clean"], figures["adversarial"]
    return Result(
        figures,
        (
            Gate("precision, clean", clean["precision"], ">=", 0.999),
            Gate("precision, adversarial", adversarial["precision"], ">=", 0.999),
            Gate("recall, clean", clean["recall"], ">=", 0.98),
            Gate("recall, adversarial", adversarial["recall"], ">=", 0.95),
            Gate("asked per record, clean", clean["asked_per_record"], "<=", 0.02),
            Gate("asked per record, adversarial", adversarial["asked_per_record"], "<=", 0.02),
            Gate("seconds for 100,000 against 1,000,000", figures["speed"]["total_s"], "<=", 60 * scale),
        ),
    )


def measure_decoding() -> Result:
    figures: Mapping[str, Any] = decoding.run()
    rate = figures["fit_records_per_s"]
    return Result(figures, (Gate("FIT records/s a core", rate, ">=", 50_000),))


def measure_training_load() -> Result:
    figures: Mapping[str, Any] = training_load.run()
    return Result(figures, (Gate("ms for a decade of days", figures["decade_ms"], "<=", 50),))


def parts(arguments: argparse.Namespace) -> Mapping[str, Callable[[], Result]]:
    rounds, scale = arguments.rounds, arguments.scale
    return {
        "speed": lambda: speed.run(rounds=rounds, seconds=arguments.seconds, scale=scale),
        "walls_cost": lambda: walls_cost.run(scale=scale),
        "ingest": lambda: ingest.run(rows=round(20_000 * scale)),
        "dashboard": lambda: dashboard.run(scale=scale),
        "decoding": measure_decoding,
        "matching": lambda: measure_matching(scale),
        "sync": lambda: sync.run(scale=scale),
        "training_load": measure_training_load,
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", help="which (default: all)")
    parser.add_argument("--rounds", type=int, default=5, help="of load, in speed")
    parser.add_argument("--seconds", type=float, default=4.0, help="of a round")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="below 1: smaller tables, for a try; nothing is saved"
    )
    arguments = parser.parse_args()
    known = parts(arguments)
    chosen = arguments.parts or list(known)
    if unknown := set(chosen) - set(known):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    missed = 0
    for name in chosen:
        where, began = machine(), time.monotonic()
        result = known[name]()
        if arguments.scale == 1:
            save(name, result, where)
        print(f"\n{name}, {time.monotonic() - began:.0f} s")
        for gate in result.gates:
            print(
                f"  {'✓' if gate.kept else '✗'} {gate.name}: {gate.value:.4g} ({gate.sense} {gate.bound:g})",
                flush=True,
            )
        missed += sum(gate.firm and not gate.kept for gate in result.gates)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
