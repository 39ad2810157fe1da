"""Define what `[devices.<logical>]` may say: one struct a driver, a file for each kind of device."""
