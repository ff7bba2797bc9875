"""Fitness: everything an athlete recorded, once, with its origin."""
