"""Limits: ours, exact and counted in the one Redis call that also asks for the session, and outside services' own."""
