"""Work that outlives its request: a row in PostgreSQL, woken through Celery, run at least once, doubled never."""
