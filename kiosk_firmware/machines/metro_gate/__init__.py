"""The metro's gate: entry and exit side of one lane."""
