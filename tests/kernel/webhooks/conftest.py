from tests.kernel.webhooks.staging import post_office, receiver

__all__ = ["post_office", "receiver"]
