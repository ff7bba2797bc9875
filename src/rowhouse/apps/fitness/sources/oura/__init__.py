"""Oura."""
