from tests.live import live_run

__all__ = ["live_run"]
