"""The social insurance window: pensions, the card's bank half, records, and work that is looked for."""
