"""The honeypot: an organization that nobody has a reason to touch, and what happens when somebody does."""
