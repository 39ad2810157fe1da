"""Pure parts that several machines share."""
