"""The metro's ticket machine: single tickets as tokens, stored-value cards sold, loaded and read."""
