"""An old account on the phone: the number it hung on is gone, and it is one's own all the same."""
