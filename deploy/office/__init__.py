"""Hold what the office needs on its host."""
