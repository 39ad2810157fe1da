"""The railway ticket machine."""
