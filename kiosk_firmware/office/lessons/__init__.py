"""Let teachers write lessons at the office."""
