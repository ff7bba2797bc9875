"""Thresholds: what an athlete's figures are judged by, set with a day or accepted from what the data propose."""
