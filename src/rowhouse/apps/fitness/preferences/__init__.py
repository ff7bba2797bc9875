"""In which units and by which clock somebody wants to be told."""
