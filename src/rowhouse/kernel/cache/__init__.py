"""What is remembered in Redis for a while, so that PostgreSQL need not be asked again."""
