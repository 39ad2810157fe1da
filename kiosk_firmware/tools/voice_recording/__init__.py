"""What must be said, and recording it."""
