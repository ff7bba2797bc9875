"""Onboarding: what each role is asked once, stage by stage, and how far an account has come."""
