"""Read both ends of each wire in words, without what is secret."""
