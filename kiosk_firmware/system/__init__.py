"""Serve every layer what it asks of the operating system: files that outlive a power cut, and the time of day."""
