"""What the office needs on its host."""
