"""What is noticed of requests as they pass: ids that nobody has a reason to ask for, and how much one person asks."""
