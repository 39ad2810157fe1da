"""The visit by video: rules (domain), messages (wire), the unit's side and the office's."""
