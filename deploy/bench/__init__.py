"""Measurements of speed and weight, for `./kiosk bench`; nothing of the product imports this."""
