"""Objects: a local folder or an S3 bucket behind one small surface, each organization under its own prefix."""
