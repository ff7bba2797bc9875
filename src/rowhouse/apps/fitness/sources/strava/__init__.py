"""Strava: activities with laps and samples, by its API version 3."""
