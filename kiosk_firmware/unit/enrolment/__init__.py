"""Bring a blank unit to a trusted one."""
