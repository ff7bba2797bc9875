"""Organizations, the tenants, and accounts: one person in one organization in one role."""
