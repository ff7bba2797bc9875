"""Pure functions: identifiers, time, units. No database, no settings."""
