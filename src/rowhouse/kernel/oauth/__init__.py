"""OAuth 2 as its client: what signing in at a provider and connections to outside services have in common."""
