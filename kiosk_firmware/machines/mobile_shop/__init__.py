"""The mobile shop: a telephone number of one's own, the old one again, and what is in one's name."""
