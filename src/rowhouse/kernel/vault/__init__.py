"""Organizations' own data keys, and sealing everything anew when keys change."""
