"""Who was erased, kept outside of the database."""
