"""Draw the parts that pages are made of: keys, header, card, cash, rows, keypad, strip, halo, ring."""
