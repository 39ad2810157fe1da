"""Bringing a blank unit into service on its own glass: kind, parts, number, supervisor's code, unit.toml. Pure."""
