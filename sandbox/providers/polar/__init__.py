"""Polar AccessLink v3."""
