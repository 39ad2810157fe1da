"""The screen process: devices, glass, journal; no network."""
