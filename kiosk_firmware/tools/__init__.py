"""Tools for people who develop, try, teach and sell the kiosk; nothing that a unit runs."""
