"""The unit's own pages: attract, sign-in, home, lessons, debrief, out of service, self-test. Pure, like a machine."""
