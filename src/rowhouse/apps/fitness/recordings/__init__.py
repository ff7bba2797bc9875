"""One shape for a recording, whatever device or file it came from."""
