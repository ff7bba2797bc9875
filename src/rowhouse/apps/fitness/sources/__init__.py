"""Sources: what providers have of an athlete, fetched by syncs and put among all else that was recorded."""
