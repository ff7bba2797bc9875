"""What is held of people and organizations: told, exported, kept for so long, erased, and proved."""
