"""Logs that a machine can read and that hold no secret; health."""
