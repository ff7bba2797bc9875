from tests.kernel.jobs.staging import broker, shop, someone

__all__ = ["broker", "shop", "someone"]
