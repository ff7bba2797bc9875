"""Rate limits: ours, exact under concurrency, counted in the one Redis call that also asks for the session; and what is
known of those that outside services set us."""
