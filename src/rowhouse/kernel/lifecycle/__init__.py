"""What becomes of organizations: provisioning, suspension, deletion, restoration, erasure."""
