"""Who may do what: permissions, roles, and what a role comes to."""
