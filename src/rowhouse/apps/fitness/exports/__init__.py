"""Exports: workouts as files that others read."""
