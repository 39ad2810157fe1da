"""A wallet on the phone: one's own code, codes of shops, money to people, and what to do when a payment is in doubt."""
