"""Sessions: the tokens they hand out, how these are renewed, and how a session ends."""
