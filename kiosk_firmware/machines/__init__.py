"""The practice machines: one folder is one machine, complete; they are strangers to each other."""
