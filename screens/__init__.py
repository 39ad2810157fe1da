"""Show pages on the glass: pages drawn from plain data, the overlay around them, touch, and the demo's front panel."""
