"""Webhooks of providers: verified, stored, answered, then worked on by a job."""
