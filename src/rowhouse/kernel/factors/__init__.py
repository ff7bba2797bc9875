"""Proofs beyond a password: mailed codes and links, TOTP, recovery codes, and the seam for passkeys."""
