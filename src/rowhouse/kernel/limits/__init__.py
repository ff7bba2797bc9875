"""Rate limits: exact under concurrency, counted in the one Redis call that also asks for the session."""
