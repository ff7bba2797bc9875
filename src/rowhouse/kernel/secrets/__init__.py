"""Secrets at rest: sealed under the master key, and keyed digests for what is only compared."""
