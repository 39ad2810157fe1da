"""Take what the broker brings into the database, once, and prove that nothing is missing."""
