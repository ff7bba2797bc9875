"""Whose word counts first for an athlete, where several sources speak of the same."""
