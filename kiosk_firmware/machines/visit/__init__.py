"""A visit by video, practised: asking for it, preparing, and behaving in it."""
