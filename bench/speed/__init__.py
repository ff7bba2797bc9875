"""What the hottest read costs, beside the least that anything could cost."""
