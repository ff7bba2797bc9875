"""Activity files made for tests: what they hold is known, so what is read back can be compared."""
