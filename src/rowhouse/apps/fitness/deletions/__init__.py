"""Uploads that an athlete takes back, with all that they alone have told."""
