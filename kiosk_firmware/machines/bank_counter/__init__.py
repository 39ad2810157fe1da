"""The bank's counter: accounts and cards that need a person to look at an ID card."""
