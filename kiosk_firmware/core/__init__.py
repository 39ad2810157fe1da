"""The ground floor: the words that every room speaks. Pure: no clock, no port, no screen, no randomness."""
