"""People who do not exist, for measures: they practise on the real machines, with the real coach's ways."""
