"""Measure, break and draw text."""
