"""Garmin's personal API: an athlete's own data by an athlete's own key."""
