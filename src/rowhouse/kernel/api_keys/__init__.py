"""API keys: made, rotated and revoked by the account that they act for."""
