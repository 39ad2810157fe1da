"""Airport check-in: the kiosk, and the phone ahead of time."""
