"""The edge: who is asking, limits, one transaction, the envelope, problem details, headers."""
