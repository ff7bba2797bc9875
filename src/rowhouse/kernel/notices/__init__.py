"""Notices: what has happened that concerns somebody, on their page and by mail, as they have chosen."""
