"""The operators' commands, one Typer app an area."""
