"""Requests that may be sent twice and are done once: the answer to an `Idempotency-Key` is kept for a day."""
