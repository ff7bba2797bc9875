"""What every multi-tenant product needs and none wants to write twice."""
