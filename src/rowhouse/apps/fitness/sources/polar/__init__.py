"""Polar: exercises with the files of the watch."""
