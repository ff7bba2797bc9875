"""Operators: the people who run the platform, apart from every organization."""
