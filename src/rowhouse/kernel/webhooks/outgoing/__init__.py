"""Webhooks to an organization's endpoints: signed after Standard Webhooks, retried for a day, never to a private address."""
