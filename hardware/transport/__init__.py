"""Connect to wires: serial ports, pins, sockets."""
