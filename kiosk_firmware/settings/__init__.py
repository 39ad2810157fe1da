"""Read and check `unit.toml`."""
