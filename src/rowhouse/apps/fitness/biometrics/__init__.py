"""Biometrics: what devices say of an athlete's body from night to night and day to day."""
