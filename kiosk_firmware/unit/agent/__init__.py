"""Run the unit's network process: spool, commands, health, configuration, updates. It has no device."""
