"""List what must be said, and record it."""
