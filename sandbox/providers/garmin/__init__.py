"""Garmin's partner API: activities and health for approved businesses."""
