"""Look at a running unit's devices: monitor, decode, record, count, compare."""
