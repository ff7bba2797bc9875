"""WHOOP: workouts as summaries, by its API version 2."""
