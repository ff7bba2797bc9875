"""FIT: Garmin's binary format, with sessions, chained files, developer fields and damage."""
