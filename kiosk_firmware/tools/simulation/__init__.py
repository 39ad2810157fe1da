"""Simulate units and learners that do not exist, for measurement and for trying an office."""
