"""Join a unit's devices into logical devices behind one door."""
