"""Drivers: a protocol and a port, spoken to in events and effects of the core."""
