from tests.live import live_run, run_behind

__all__ = ["live_run", "run_behind"]
