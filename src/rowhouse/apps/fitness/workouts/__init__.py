"""Workouts: views over the raw records matched to them, rebuilt whenever those change."""
