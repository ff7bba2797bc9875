"""Feature flags: what is switched on, for everybody, for a share of the organizations, or for one of them."""
