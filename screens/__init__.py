"""What the glass shows: pages drawn from plain data, the overlay around them, touch, and the demo's front panel."""
