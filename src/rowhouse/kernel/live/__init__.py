"""Telling pages at once that something has changed: Redis only rings, PostgreSQL says what it is."""
