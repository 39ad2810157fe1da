"""Raise alerts and send them to whoever is on duty."""
