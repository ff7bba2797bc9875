"""What really happened to the sandbox's athletes, and what each provider got to see of it."""
