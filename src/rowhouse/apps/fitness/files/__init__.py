"""Files that an athlete brings: uploads, decoding, the originals kept."""
