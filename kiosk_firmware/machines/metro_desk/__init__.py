"""The metro's service desk: what gates and ticket machines cannot settle."""
