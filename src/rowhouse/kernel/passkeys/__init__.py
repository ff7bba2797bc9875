"""Passkeys: signing in, and proving once more that it is you, with a key that never leaves its device."""
