"""Withings' public API."""
