"""Rowhouse: a multi-tenant SaaS platform whose walls are PostgreSQL's."""
