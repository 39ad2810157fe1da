"""Look at a running unit's devices: monitor, record, count, compare."""
