"""Sans-I/O codecs, one a wire protocol; strangers to one another."""
