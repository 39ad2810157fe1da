"""Roof 1, the screen process: devices, glass, journal; no network."""
