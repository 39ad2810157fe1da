"""`kiosk devices`: what a technician does with a unit's devices, one file a group of verbs."""
