"""Oura's API v2."""
