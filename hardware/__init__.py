"""The wires of a unit: protocols, ports and pins, devices, and the twins at their other ends."""
