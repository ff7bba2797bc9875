"""A simulator of fitness providers for a laptop and for tests: their protocols, their data, their failures."""
