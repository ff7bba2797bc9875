"""What happened, written with the change itself and handled in order, each handler's effect exactly once."""
