"""The audit log: what changed and what happened, by whom; append-only, hash-chained for each organization."""
