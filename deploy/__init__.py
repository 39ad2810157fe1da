"""Bring a unit and an office to life: files and generators for fonts and locks, installing, commissioning."""
