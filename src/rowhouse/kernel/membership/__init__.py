"""Organizations as people run them: making them, their settings, members, invitations and owners."""
