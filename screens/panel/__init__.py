"""Draw the demo's simulated cabinet front."""
