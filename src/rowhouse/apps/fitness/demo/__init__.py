"""The demo: one athlete's season, recorded by three devices and imported like anybody's files."""
