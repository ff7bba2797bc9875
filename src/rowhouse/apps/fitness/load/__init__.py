"""Training load: what a workout asked of an athlete, computed from its samples and the athlete's thresholds."""
