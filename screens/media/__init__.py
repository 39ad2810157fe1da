"""Play sound and video, and take pictures of the glass."""
