"""What happens to a person's sign-ins: security events, known devices, and what looks unlike them."""
