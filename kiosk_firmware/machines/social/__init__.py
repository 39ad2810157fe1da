"""A messenger on the phone: friends, messages, red packets, groups, and whom not to believe."""
