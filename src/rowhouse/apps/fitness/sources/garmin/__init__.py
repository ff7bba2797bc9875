"""Garmin for approved partners: pings, and the files of the watch."""
