"""Strava's API v3."""
