"""The real visit by video, as the office keeps it: requests, appointments, and who did what."""
