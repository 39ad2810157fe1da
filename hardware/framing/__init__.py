"""Frame bytes and check them; shared by all codecs."""
