"""The visit by video: its states, rules and words, the same for the practice visit and the real one."""
