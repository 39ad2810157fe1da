"""Find out which device is at which port, and propose unit.toml."""
