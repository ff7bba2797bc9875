"""Matching: which records are one event, and what one view of them looks like; pure, without database or settings."""
