"""Work out what people learn, and keep learners' records."""
