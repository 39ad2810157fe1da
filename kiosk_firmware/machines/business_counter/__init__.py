"""Starting a business of one's own: the name, the registration, what comes after it, the yearly report."""
