"""Webhooks in both directions: what providers tell us, proved and counted once, and what we tell an organization's own endpoints."""
