"""Garmin by an athlete's own key: their own data, and no partner needed."""
