"""WHOOP's API v2."""
