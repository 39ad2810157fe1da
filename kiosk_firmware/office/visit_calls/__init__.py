"""The office's part in a visit that goes on: words from end to end, what they move written down, recordings."""
