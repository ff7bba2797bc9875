"""Looking into the audit log: search, export, verification, and the signed heads of its chains."""
