"""`python -m sandbox`: serves the sandbox on the loopback interface until it is stopped."""

import argparse
from pathlib import Path

import uvicorn

from sandbox.app import create
from sandbox.control.athletes import NewAthlete, add_athlete


def main() -> None:
    asked = argparse.ArgumentParser(prog="sandbox", description=__doc__)
    asked.add_argument("--port", type=int, default=8190)
    asked.add_argument("--state", type=Path, help="a file that keeps athletes and grants between two runs")
    given = asked.parse_args()
    app = create(given.state)
    if not app.state.sandbox.saved.athletes:
        # Somebody to say yes on the first authorize page.
        for seed in (1, 2, 3):
            add_athlete(app.state.sandbox, NewAthlete(seed=seed, activities=250, days=120))
    uvicorn.run(app, host="127.0.0.1", port=given.port, log_level="warning", timeout_graceful_shutdown=2)


if __name__ == "__main__":
    main()
