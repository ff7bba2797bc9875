"""Who may do what: permissions, roles and what they come to, grants on single things."""
