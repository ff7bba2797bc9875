"""Identities kept elsewhere: OpenID Connect sign-in, and the seam for an outside identity provider."""
