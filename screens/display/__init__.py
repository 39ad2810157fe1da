"""Run the display: the loop, the stage with a page on it, and where each touch goes."""
