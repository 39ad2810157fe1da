"""A real visit by video on this unit: who is expected, signing in, undertaking, checks, conversation, end. Pure."""
