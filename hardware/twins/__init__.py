"""Twins: the other end of each wire."""
