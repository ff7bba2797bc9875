"""Backups of everything and of one organization, kept apart from the installation, and the way back from either."""
