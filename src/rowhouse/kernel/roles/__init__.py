"""The permissions there are, an organization's own roles, and grants on single things."""
