"""Withings."""
