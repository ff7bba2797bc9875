"""People: how they sign up, prove an email address, and sign in."""
