"""What all providers share: grants and tokens, limits, faults, webhooks, the control door."""
