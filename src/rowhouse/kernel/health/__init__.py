"""How the platform fares: each part's health, and what is sampled for the metrics."""
