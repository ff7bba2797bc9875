"""PostgreSQL: roles, the tenant's context in each transaction, walls, and the two ways to run a query."""
