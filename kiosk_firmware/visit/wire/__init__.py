"""The call of a real visit: what its ends say to each other, and how pictures reach the glass."""
