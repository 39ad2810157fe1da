"""Keep track of units: roster, commands, configurations, device trends."""
